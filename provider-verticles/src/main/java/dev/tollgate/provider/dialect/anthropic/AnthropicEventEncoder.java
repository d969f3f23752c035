package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes canonical events as Anthropic's event sequence. Blocks have no end of their own in the canonical model: a block ends when
 * another kind of content begins, or with the message. Only the first answer of several can be shown.
 *
 * <p>Only one block is open at a time, but tool calls may come interleaved, and nothing says when one is complete. So the first
 * call streams and the others wait until its block closes; clients run tools after the message's end anyway.
 */
final class AnthropicEventEncoder implements StreamEncoder {
    private static final String TOOL = "tool";

    private final String callId;
    private final String model;
    private Usage usage = Usage.NONE;
    private boolean started;
    private int index = -1;
    private String open = "";
    private int openTool = -1;
    private final Map<Integer, Waiting> waiting = new LinkedHashMap<>();
    private FinishReason finish = FinishReason.STOP;
    private @Nullable String stopSequence;

    /** A tool call whose block cannot be opened yet. */
    private record Waiting(ChatEvent.ToolCallStart start, StringBuilder arguments) {}

    AnthropicEventEncoder(String callId, String model) {
        this.callId = callId;
        this.model = model;
    }

    @Override
    public @Nullable Buffer encode(List<ChatEvent> events) {
        Buffer out = Buffer.buffer();
        events.forEach(event -> encode(event, out));
        return out.length() == 0 ? null : out;
    }

    private void encode(ChatEvent event, Buffer out) {
        switch (event) {
            case ChatEvent.Start start -> {
                usage = start.usage();
                start(start.id(), out);
            }
            case ChatEvent.Text text
            when text.choice() == 0 && !text.text().isEmpty() -> {
                block("text", Json.object().put("type", "text").put("text", ""), out);
                delta(Json.object().put("type", "text_delta").put("text", text.text()), out);
            }
            case ChatEvent.Thinking thinking when thinking.choice() == 0 -> thinking(thinking, out);
            case ChatEvent.RedactedThinking redacted
            when redacted.choice() == 0 -> {
                close(out);
                block("redacted", Json.object().put("type", "redacted_thinking").put("data", redacted.data()), out);
                close(out);
            }
            case ChatEvent.ToolCallStart call
            when call.choice() == 0 -> {
                if (open.equals(TOOL)) {
                    waiting.put(call.index(), new Waiting(call, new StringBuilder()));
                } else {
                    tool(call, out);
                }
            }
            case ChatEvent.ToolCallArguments more when more.choice() == 0 -> arguments(more, out);
            case ChatEvent.Finish done
            when done.choice() == 0 -> {
                finish = done.reason();
                stopSequence = done.stopSequence();
            }
            case ChatEvent.Tokens tokens -> usage = tokens.usage();
            default -> {
                // Further answers, what this API has no place for, and errors, which the caller writes.
            }
        }
    }

    private void tool(ChatEvent.ToolCallStart call, Buffer out) {
        ObjectNode block = Json.object()
                .put("type", "tool_use")
                .put("id", AnthropicBlocks.shownId(call.id(), call.signature()))
                .put("name", call.name());
        block.putObject("input");
        block(TOOL, block, out);
        openTool = call.index();
    }

    private void arguments(ChatEvent.ToolCallArguments more, Buffer out) {
        Waiting other = waiting.get(more.index());
        if (open.equals(TOOL) && openTool == more.index()) {
            input(more.fragment(), out);
        } else if (other != null) {
            other.arguments().append(more.fragment());
        }
    }

    private void input(String fragment, Buffer out) {
        delta(Json.object().put("type", "input_json_delta").put("partial_json", fragment), out);
    }

    /** Anthropic's own thinking blocks begin with an empty signature, and its SDKs demand the member, so ours do too. */
    private void thinking(ChatEvent.Thinking thinking, Buffer out) {
        block(
                "thinking",
                Json.object().put("type", "thinking").put("thinking", "").put("signature", ""),
                out);
        if (!thinking.text().isEmpty()) {
            delta(Json.object().put("type", "thinking_delta").put("thinking", thinking.text()), out);
        }
        if (thinking.signature() != null) {
            delta(Json.object().put("type", "signature_delta").put("signature", thinking.signature()), out);
        }
    }

    private void start(@Nullable String id, Buffer out) {
        if (started) {
            return;
        }
        started = true;
        ObjectNode event = Json.object().put("type", "message_start");
        ObjectNode message = event.putObject("message")
                .put("id", AnthropicWire.id(id, callId))
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence");
        message.set("usage", AnthropicUsage.write(usage));
        event(event, out);
    }

    private void block(String kind, ObjectNode content, Buffer out) {
        start(null, out);
        if (open.equals(kind)) {
            return;
        }
        close(out);
        open = kind;
        index++;
        ObjectNode event = Json.object().put("type", "content_block_start").put("index", index);
        event.set("content_block", content);
        event(event, out);
    }

    private void delta(ObjectNode delta, Buffer out) {
        ObjectNode event = Json.object().put("type", "content_block_delta").put("index", index);
        event.set("delta", delta);
        event(event, out);
    }

    private void close(Buffer out) {
        stop(out);
        List<Waiting> calls = List.copyOf(waiting.values());
        waiting.clear();
        for (Waiting call : calls) {
            tool(call.start(), out);
            if (!call.arguments().isEmpty()) {
                input(call.arguments().toString(), out);
            }
            stop(out);
        }
    }

    private void stop(Buffer out) {
        if (!open.isEmpty()) {
            open = "";
            event(Json.object().put("type", "content_block_stop").put("index", index), out);
        }
    }

    private static void event(ObjectNode event, Buffer out) {
        out.appendString("event: " + event.path("type").asText() + "\ndata: ")
                .appendBuffer(Json.write(event))
                .appendString("\n\n");
    }

    @Override
    public Buffer finish() {
        Buffer out = Buffer.buffer();
        start(null, out);
        close(out);
        ObjectNode event = Json.object().put("type", "message_delta");
        event.putObject("delta")
                .put("stop_reason", AnthropicWire.reason(finish, stopSequence))
                .put("stop_sequence", stopSequence);
        event.set("usage", AnthropicUsage.write(usage));
        event(event, out);
        event(Json.object().put("type", "message_stop"), out);
        return out;
    }
}
