package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Passes Anthropic's answers to Anthropic's clients: events go on as they came, and only the two that carry usage or the model's
 * name ({@code message_start}, {@code message_delta}) are read. {@code message_stop} is held back until the call is settled.
 */
public final class AnthropicPassage implements Passage {

    @Override
    public Whole whole(Buffer body, String requestedModel) {
        ObjectNode tree = Json.readObject(body);
        String model = Json.text(tree, "model");
        Usage usage = AnthropicUsage.read(tree.path("usage"), Usage.NONE);
        if (model == null) {
            return new Whole(body, usage, null);
        }
        return new Whole(Json.write(tree.put("model", requestedModel)), usage, model);
    }

    @Override
    public Stream stream(String requestedModel, boolean showUsage) {
        return new Events(requestedModel);
    }

    private static final class Events implements Stream {
        private static final int MAX_EVENT = 32 << 20;
        private static final byte[] START = ascii("event: message_start");
        private static final byte[] DELTA = ascii("event: message_delta");
        private static final byte[] STOP = ascii("event: message_stop");
        private static final byte[] ERROR = ascii("event: error");

        private final String requestedModel;
        private byte[] held = new byte[0];
        private Usage usage = Usage.NONE;
        private @Nullable String model;
        private @Nullable Failure failure;
        private @Nullable Buffer trailer;

        Events(String requestedModel) {
            this.requestedModel = requestedModel;
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public @Nullable Buffer feed(Buffer buffer) {
            byte[] fresh = buffer.getBytes();
            byte[] bytes = held.length == 0 ? fresh : Arrays.copyOf(held, held.length + fresh.length);
            if (held.length > 0) {
                System.arraycopy(fresh, 0, bytes, held.length, fresh.length);
            }
            Buffer out = Buffer.buffer();
            int start = 0;
            int end;
            while ((end = end(bytes, start)) > 0) {
                event(bytes, start, end, out);
                start = end;
            }
            held = Arrays.copyOfRange(bytes, start, bytes.length);
            if (held.length > MAX_EVENT) {
                throw new BadPayload("an event of more than " + (MAX_EVENT >> 20) + " MiB");
            }
            return out.length() == 0 ? null : out;
        }

        private static int end(byte[] bytes, int from) {
            for (int i = from; i + 1 < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    if (bytes[i + 1] == '\n') {
                        return i + 2;
                    }
                    if (bytes[i + 1] == '\r' && i + 2 < bytes.length && bytes[i + 2] == '\n') {
                        return i + 3;
                    }
                }
            }
            return 0;
        }

        private void event(byte[] bytes, int start, int end, Buffer out) {
            if (begins(bytes, start, end, START)) {
                ObjectNode event = data(bytes, start, end);
                JsonNode message = event.path("message");
                usage = AnthropicUsage.read(message.path("usage"), usage);
                model = Json.text(message, "model");
                if (message instanceof ObjectNode object) {
                    object.put("model", requestedModel);
                }
                out.appendString("event: message_start\ndata: ")
                        .appendBuffer(Json.write(event))
                        .appendString("\n\n");
                return;
            }
            if (begins(bytes, start, end, DELTA)) {
                usage = AnthropicUsage.read(data(bytes, start, end).path("usage"), usage);
            } else if (begins(bytes, start, end, STOP)) {
                trailer = Buffer.buffer().appendBytes(bytes, start, end - start);
                return;
            } else if (begins(bytes, start, end, ERROR)) {
                failure = AnthropicDialect.inStream(data(bytes, start, end).path("error"));
                return;
            }
            out.appendBytes(bytes, start, end - start);
        }

        private static boolean begins(byte[] bytes, int start, int end, byte[] prefix) {
            return end - start > prefix.length
                    && Arrays.equals(bytes, start, start + prefix.length, prefix, 0, prefix.length);
        }

        private static ObjectNode data(byte[] bytes, int start, int end) {
            String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
            int data = text.indexOf("data:");
            if (data < 0) {
                throw new BadPayload("an event without data");
            }
            return Json.readObject(Buffer.buffer(text.substring(data + 5)));
        }

        @Override
        public boolean complete() {
            return trailer != null;
        }

        @Override
        public @Nullable Buffer trailer() {
            return trailer;
        }

        @Override
        public Usage usage() {
            return usage;
        }

        @Override
        public @Nullable String upstreamModel() {
            return model;
        }

        @Override
        public @Nullable Failure failure() {
            return failure;
        }
    }
}
