package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** OpenAI's old text completions, for models that only chat: the prompt becomes one user message. */
public final class OpenAiCompletionsWire implements Wire {
    private final InstantSource clock;

    /** The clock dates answers ({@code created}). */
    public OpenAiCompletionsWire(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Surface surface() {
        return Surface.COMPLETIONS;
    }

    @Override
    public ChatRequest read(ObjectNode body) {
        JsonNode prompt = body.path("prompt");
        if (prompt.isArray() && prompt.size() == 1) {
            prompt = prompt.get(0);
        }
        if (!prompt.isTextual()) {
            throw new BadPayload(
                    "`prompt` must be one string for this model: its provider has no text completion", "prompt");
        }
        ObjectNode rest = body.deepCopy();
        rest.remove(List.of("prompt", "suffix", "echo", "best_of", "logprobs"));
        return OpenAiChatWire.request(
                rest, List.of(new Message(Message.Role.USER, List.of(new Part.Text(prompt.textValue())), null)));
    }

    @Override
    public Buffer write(ChatResponse response, String callId, String model) {
        ObjectNode body = head(callId, model);
        ArrayNode choices = body.putArray("choices");
        for (ChatResponse.Choice choice : response.choices()) {
            choices.addObject()
                    .put("index", choice.index())
                    .put("text", OpenAiChatCodec.text(choice.content()))
                    .putNull("logprobs")
                    .put("finish_reason", OpenAiChatCodec.finish(choice.finish()));
        }
        body.set("usage", OpenAiUsage.write(response.usage()));
        return Json.write(body);
    }

    private ObjectNode head(String callId, String model) {
        return Json.object()
                .put("id", "cmpl-" + callId)
                .put("object", "text_completion")
                .put("created", clock.millis() / 1000)
                .put("model", model);
    }

    @Override
    public StreamEncoder encoder(String callId, String model, boolean showUsage) {
        return new Encoder(callId, model, showUsage);
    }

    private final class Encoder implements StreamEncoder {
        private final String callId;
        private final String model;
        private final boolean showUsage;
        private Usage usage = Usage.NONE;

        Encoder(String callId, String model, boolean showUsage) {
            this.callId = callId;
            this.model = model;
            this.showUsage = showUsage;
        }

        @Override
        public @Nullable Buffer encode(List<ChatEvent> events) {
            Buffer out = Buffer.buffer();
            for (ChatEvent event : events) {
                if (event instanceof ChatEvent.Text text) {
                    chunk(text.choice(), text.text(), null, out);
                } else if (event instanceof ChatEvent.Finish finish) {
                    chunk(finish.choice(), "", OpenAiChatCodec.finish(finish.reason()), out);
                } else if (event instanceof ChatEvent.Tokens tokens) {
                    usage = tokens.usage();
                }
            }
            return out.length() == 0 ? null : out;
        }

        private void chunk(int choice, String text, @Nullable String finish, Buffer out) {
            ObjectNode chunk = head(callId, model);
            chunk.putArray("choices")
                    .addObject()
                    .put("index", choice)
                    .put("text", text)
                    .putNull("logprobs")
                    .put("finish_reason", finish);
            out.appendString("data: ").appendBuffer(Json.write(chunk)).appendString("\n\n");
        }

        @Override
        public Buffer finish() {
            Buffer out = Buffer.buffer();
            if (showUsage) {
                ObjectNode chunk = head(callId, model);
                chunk.putArray("choices");
                chunk.set("usage", OpenAiUsage.write(usage));
                out.appendString("data: ").appendBuffer(Json.write(chunk)).appendString("\n\n");
            }
            return out.appendString("data: [DONE]\n\n");
        }
    }
}
