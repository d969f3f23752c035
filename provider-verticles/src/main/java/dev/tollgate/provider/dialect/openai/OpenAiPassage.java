package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ErrorReader;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Passage;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Passes OpenAI-shaped answers on as bytes. A whole answer is read once by a streaming parser, which finds the model's name and the
 * usage; the client gets the provider's own bytes with another name spliced in.
 */
public final class OpenAiPassage implements Passage {
    static final JsonFactory JSON = new JsonFactory();

    @Override
    public Whole whole(Buffer body, String requestedModel) {
        ByteBuf bytes = ((BufferInternal) body).getByteBuf();
        try (JsonParser parser = bytes.hasArray()
                ? JSON.createParser(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes())
                : JSON.createParser(body.getBytes())) {
            return read(parser, body, requestedModel);
        } catch (IOException e) {
            throw new BadPayload("not valid JSON");
        }
    }

    private static Whole read(JsonParser parser, Buffer body, String requestedModel) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new BadPayload("not a JSON object");
        }
        Usage usage = Usage.NONE;
        ServiceTier tier = null;
        String model = null;
        int start = -1;
        int end = -1;
        boolean answer = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("model") && value == JsonToken.VALUE_STRING) {
                start = (int) parser.currentTokenLocation().getByteOffset();
                model = parser.getText();
                parser.finishToken();
                end = (int) parser.currentLocation().getByteOffset();
            } else if (name.equals("error") && value != JsonToken.VALUE_NULL && !answer) {
                // Some providers answer 200 and say in the body that they failed.
                throw new BadPayload("it reports an error with status 200: " + words(parser));
            } else if (name.equals("usage")) {
                usage = OpenAiUsage.read(parser);
            } else if (name.equals(ServiceTier.MEMBER) && value == JsonToken.VALUE_STRING) {
                tier = ServiceTier.named(parser.getText());
            } else {
                answer |= name.equals("choices") || name.equals("data");
                parser.skipChildren();
            }
        }
        return new Whole(start < 0 ? body : spliced(body, start, end, requestedModel), usage.in(tier), model);
    }

    /** The words of an error, an object or a plain text. */
    private static String words(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean message = parser.currentName().equals("message");
                if (parser.nextToken() == JsonToken.VALUE_STRING && message) {
                    return ErrorReader.clean(parser.getText());
                }
                parser.skipChildren();
            }
            return "no message";
        }
        return ErrorReader.clean(parser.getText());
    }

    private static Buffer spliced(Buffer body, int start, int end, String model) {
        byte[] shown = quoted(model);
        int rest = body.length() - end;
        return Buffer.buffer(start + shown.length + rest)
                .appendBuffer(body, 0, start)
                .appendBytes(shown)
                .appendBuffer(body, end, rest);
    }

    static byte[] quoted(String text) {
        return Json.quoted(text).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Stream stream(String requestedModel, boolean showUsage) {
        return new OpenAiStream(requestedModel, showUsage);
    }
}
