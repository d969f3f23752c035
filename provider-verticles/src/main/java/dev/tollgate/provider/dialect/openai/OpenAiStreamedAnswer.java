package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatEvent.ToolCallArguments;
import dev.tollgate.provider.chat.ChatEvent.ToolCallStart;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.SignedId;
import dev.tollgate.provider.wire.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One answer of a stream, put together from deltas as many providers write them. Tool calls are the hard part: OpenAI numbers them
 * and sends id and name once, but others leave the number out, jump, start at 1, use 0 for every call, repeat id and name with
 * each piece, or send the name late. A call begins here with its name; positions are counted anew.
 */
final class OpenAiStreamedAnswer {
    private final int choice;
    private final List<Call> calls = new ArrayList<>();
    private final Map<Integer, Call> numbered = new HashMap<>();
    private int started;
    private boolean refused;
    private boolean finished;

    OpenAiStreamedAnswer(int choice) {
        this.choice = choice;
    }

    /** One call on its way; {@code position} is -1 until its name is known. */
    private static final class Call {
        private @Nullable String id;
        private @Nullable String signature;
        private final StringBuilder early = new StringBuilder();
        private int position = -1;
    }

    void delta(JsonNode delta, List<ChatEvent> events) {
        thinking(delta, events);
        content(delta.path("content"), events);
        String refusal = Json.text(delta, "refusal");
        if (refusal != null && !refusal.isEmpty()) {
            refused = true;
            events.add(new ChatEvent.Text(choice, refusal));
        }
        for (JsonNode call : delta.path("tool_calls")) {
            toolCall(call, events);
        }
    }

    /** LiteLLM's blocks carry the signature; others send plain text under one of two names, or both. */
    private void thinking(JsonNode delta, List<ChatEvent> events) {
        JsonNode blocks = delta.path("thinking_blocks");
        for (JsonNode block : blocks) {
            String data = Json.text(block, "data");
            String text = Json.text(block, "thinking");
            if (data != null) {
                events.add(new ChatEvent.RedactedThinking(choice, data));
            } else if (text != null) {
                events.add(new ChatEvent.Thinking(choice, text, Json.text(block, "signature")));
            }
        }
        if (blocks.isEmpty()) {
            String text = Json.text(delta, "reasoning_content");
            think(text == null || text.isEmpty() ? Json.text(delta, "reasoning") : text, events);
        }
    }

    /** A string; Mistral's thinking models send a list of pieces. */
    private void content(JsonNode content, List<ChatEvent> events) {
        if (content.isTextual()) {
            text(content.textValue(), events);
            return;
        }
        for (JsonNode piece : content) {
            text(Json.text(piece, "text"), events);
            for (JsonNode thought : piece.path("thinking")) {
                think(Json.text(thought, "text"), events);
            }
        }
    }

    private void text(@Nullable String text, List<ChatEvent> events) {
        if (text != null && !text.isEmpty()) {
            events.add(new ChatEvent.Text(choice, text));
        }
    }

    private void think(@Nullable String text, List<ChatEvent> events) {
        if (text != null && !text.isEmpty()) {
            events.add(new ChatEvent.Thinking(choice, text, null));
        }
    }

    private void toolCall(JsonNode node, List<ChatEvent> events) {
        JsonNode function = node.path("function");
        String name = function.path("name").asText("");
        Call call = find(node, name);
        String id = id(node);
        if (call.id == null) {
            call.id = id;
        }
        if (call.signature == null) {
            call.signature = signature(node);
        }
        if (call.position < 0 && !name.isEmpty()) {
            call.position = started++;
            call.id = call.id == null ? Part.ToolCall.newId() : call.id;
            events.add(new ToolCallStart(choice, call.position, call.id, name, call.signature));
            arguments(call, call.early.toString(), events);
        }
        JsonNode arguments = function.path("arguments");
        arguments(call, arguments.isObject() ? arguments.toString() : arguments.asText(""), events);
    }

    private void arguments(Call call, String fragment, List<ChatEvent> events) {
        if (call.position < 0) {
            call.early.append(fragment);
        } else if (!fragment.isEmpty()) {
            events.add(new ToolCallArguments(choice, call.position, fragment));
        }
    }

    /** The call that a piece belongs to; a new one when both its id and a name say so, or when nothing of it was seen before. */
    private Call find(JsonNode node, String name) {
        String id = id(node);
        Call known =
                node.path("index").isNumber() ? numbered.get(node.get("index").asInt()) : unnumbered(id, name);
        boolean another = known != null && id != null && known.id != null && !id.equals(known.id) && !name.isEmpty();
        if (known == null || another) {
            known = new Call();
            calls.add(known);
            if (node.path("index").isNumber()) {
                numbered.put(node.get("index").asInt(), known);
            }
        }
        return known;
    }

    private @Nullable Call unnumbered(@Nullable String id, String name) {
        for (Call call : calls) {
            if (id != null && id.equals(call.id)) {
                return call;
            }
        }
        return !name.isEmpty() || calls.isEmpty() ? null : calls.getLast();
    }

    private static @Nullable String id(JsonNode call) {
        String id = signedId(call).id();
        return id.isEmpty() ? null : id;
    }

    private static @Nullable String signature(JsonNode call) {
        String beside = OpenAiMessages.signature(call);
        return beside == null ? signedId(call).signature() : beside;
    }

    /** A LiteLLM behind us writes a proof of Gemini's into the id. */
    private static SignedId signedId(JsonNode call) {
        String id = Json.text(call, "id");
        return SignedId.read(id == null ? "" : id);
    }

    /** Ends the answer, once. */
    void finish(@Nullable String reason, List<ChatEvent> events) {
        if (!finished) {
            finished = true;
            events.add(new ChatEvent.Finish(choice, OpenAiChatCodec.finish(reason, started > 0, refused), null));
        }
    }

    boolean finished() {
        return finished;
    }
}
