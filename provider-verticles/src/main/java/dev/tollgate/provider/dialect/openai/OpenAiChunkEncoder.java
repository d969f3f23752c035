package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes canonical events as OpenAI chunks. The usage chunk, when asked for, comes last and has no choices. */
final class OpenAiChunkEncoder implements StreamEncoder {
    private final String callId;
    private final String model;
    private final boolean showUsage;
    private final long created;
    private final Set<Integer> greeted = new HashSet<>();
    private final Map<Integer, Integer> pictures = new HashMap<>();
    private final Set<Integer> speaking = new HashSet<>();
    private String id;
    private Usage usage = Usage.NONE;

    OpenAiChunkEncoder(String callId, String model, boolean showUsage, long created) {
        this.callId = callId;
        this.model = model;
        this.showUsage = showUsage;
        this.created = created;
        this.id = OpenAiChatWire.id(null, callId);
    }

    @Override
    public @Nullable Buffer encode(List<ChatEvent> events) {
        Buffer out = Buffer.buffer();
        events.forEach(event -> encode(event, out));
        return out.length() == 0 ? null : out;
    }

    private void encode(ChatEvent event, Buffer out) {
        switch (event) {
            case ChatEvent.Start start -> id = OpenAiChatWire.id(start.id(), callId);
            case ChatEvent.Text text -> chunk(text.choice(), delta -> delta.put("content", text.text()), null, out);
            case ChatEvent.Thinking thinking -> thinking(thinking, out);
            case ChatEvent.RedactedThinking redacted ->
                chunk(
                        redacted.choice(),
                        delta -> delta.putArray("thinking_blocks")
                                .addObject()
                                .put("type", "redacted_thinking")
                                .put("data", redacted.data()),
                        null,
                        out);
            case ChatEvent.Image image -> chunk(image.choice(), delta -> picture(delta, image), null, out);
            case ChatEvent.Audio audio -> chunk(audio.choice(), delta -> sound(delta, audio), null, out);
            case ChatEvent.ToolCallStart start -> chunk(start.choice(), delta -> toolCall(delta, start), null, out);
            case ChatEvent.ToolCallArguments more ->
                chunk(
                        more.choice(),
                        delta -> delta.putArray("tool_calls")
                                .addObject()
                                .put("index", more.index())
                                .putObject("function")
                                .put("arguments", more.fragment()),
                        null,
                        out);
            case ChatEvent.Finish finish -> finish(finish, out);
            case ChatEvent.Tokens tokens -> usage = tokens.usage();
            case ChatEvent.Broken _ -> {}
        }
    }

    private void thinking(ChatEvent.Thinking thinking, Buffer out) {
        chunk(
                thinking.choice(),
                delta -> {
                    delta.put("reasoning_content", thinking.text());
                    ObjectNode block = delta.putArray("thinking_blocks")
                            .addObject()
                            .put("type", "thinking")
                            .put("thinking", thinking.text());
                    if (thinking.signature() != null) {
                        block.put("signature", thinking.signature());
                    }
                },
                null,
                out);
    }

    /** Clients put deltas of one index together: every picture needs its own. */
    private void picture(ObjectNode delta, ChatEvent.Image image) {
        int index = pictures.merge(image.choice(), 1, Integer::sum) - 1;
        delta.putArray("images")
                .add(OpenAiMessages.picture(index, image.mediaType(), image.base64(), image.signature()));
    }

    /** Its id comes once: clients put texts of one name together. */
    private void sound(ObjectNode delta, ChatEvent.Audio more) {
        ObjectNode audio = delta.putObject("audio");
        if (speaking.add(more.choice())) {
            audio.put("id", OpenAiChatWire.audioId(callId, more.choice()));
        }
        audio.put("data", more.base64());
    }

    private void finish(ChatEvent.Finish finish, Buffer out) {
        if (speaking.remove(finish.choice())) {
            long expires = created + OpenAiChatWire.AUDIO_LIFETIME_SECONDS;
            chunk(finish.choice(), delta -> delta.putObject("audio").put("expires_at", expires), null, out);
        }
        chunk(finish.choice(), _ -> {}, OpenAiChatCodec.finish(finish.reason()), out);
    }

    private static void toolCall(ObjectNode delta, ChatEvent.ToolCallStart start) {
        ObjectNode call = delta.putArray("tool_calls")
                .addObject()
                .put("index", start.index())
                .put("id", start.id())
                .put("type", "function");
        call.putObject("function").put("name", start.name()).put("arguments", "");
        OpenAiMessages.sign(call, start.signature());
    }

    private interface Filling {
        void fill(ObjectNode delta);
    }

    private void chunk(int choice, Filling filling, @Nullable String finish, Buffer out) {
        ObjectNode chunk = head();
        ObjectNode node = chunk.putArray("choices").addObject().put("index", choice);
        ObjectNode delta = node.putObject("delta");
        if (greeted.add(choice)) {
            delta.put("role", "assistant");
        }
        filling.fill(delta);
        node.putNull("logprobs").put("finish_reason", finish);
        event(chunk, out);
    }

    private ObjectNode head() {
        return Json.object()
                .put("id", id)
                .put("object", "chat.completion.chunk")
                .put("created", created)
                .put("model", model);
    }

    private static void event(ObjectNode chunk, Buffer out) {
        out.appendString("data: ").appendBuffer(Json.write(chunk)).appendString("\n\n");
    }

    @Override
    public Buffer finish() {
        Buffer out = Buffer.buffer();
        if (showUsage) {
            ObjectNode chunk = head();
            chunk.putArray("choices");
            chunk.set("usage", OpenAiUsage.write(usage));
            event(chunk, out);
        }
        return out.appendString("data: [DONE]\n\n");
    }
}
