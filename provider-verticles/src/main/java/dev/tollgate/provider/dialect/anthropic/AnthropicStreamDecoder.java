package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.SseParser;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads Anthropic's event stream ({@code message_start … message_stop}) into canonical events. */
final class AnthropicStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final Map<Integer, Integer> toolIndexes = new HashMap<>();
    private final Set<Integer> jsonBlocks = new HashSet<>();
    private Usage usage = Usage.NONE;
    private boolean done;

    @Override
    public List<ChatEvent> feed(Buffer bytes) {
        List<ChatEvent> events = new ArrayList<>();
        parser.feed(bytes, (_, data) -> event(Json.read(data), events));
        return events;
    }

    private void event(JsonNode event, List<ChatEvent> events) {
        switch (event.path("type").asText("")) {
            case "message_start" -> {
                JsonNode message = event.path("message");
                usage = AnthropicUsage.read(message.path("usage"), usage);
                events.add(new ChatEvent.Start(Json.text(message, "id"), Json.text(message, "model"), usage));
            }
            case "content_block_start" -> begin(event.path("index").asInt(), event.path("content_block"), events);
            case "content_block_delta" -> delta(event.path("index").asInt(), event.path("delta"), events);
            case "message_delta" -> {
                usage = AnthropicUsage.read(event.path("usage"), usage);
                events.add(new ChatEvent.Tokens(usage));
                FinishReason reason = AnthropicChatCodec.finish(Json.text(event.path("delta"), "stop_reason"));
                boolean json = !jsonBlocks.isEmpty() && reason == FinishReason.TOOL_CALLS;
                events.add(new ChatEvent.Finish(
                        0, json ? FinishReason.STOP : reason, Json.text(event.path("delta"), "stop_sequence")));
            }
            case "message_stop" -> done = true;
            case "error" -> events.add(new ChatEvent.Broken(AnthropicDialect.inStream(event.path("error"))));
            default -> {
                // ping, content_block_stop, and events of the future say nothing that is passed on.
            }
        }
    }

    private void begin(int index, JsonNode block, List<ChatEvent> events) {
        switch (block.path("type").asText("")) {
            case "text" -> {
                String text = block.path("text").asText("");
                if (!text.isEmpty()) {
                    events.add(new ChatEvent.Text(0, text));
                }
            }
            case "redacted_thinking" ->
                events.add(new ChatEvent.RedactedThinking(0, block.path("data").asText("")));
            case "tool_use" -> {
                if (block.path("name").asText("").equals(AnthropicChatCodec.JSON_TOOL)) {
                    jsonBlocks.add(index);
                } else {
                    int tool = toolIndexes.size();
                    toolIndexes.put(index, tool);
                    events.add(new ChatEvent.ToolCallStart(
                            0,
                            tool,
                            block.path("id").asText(""),
                            block.path("name").asText(""),
                            null));
                }
            }
            default -> {}
        }
    }

    private void delta(int index, JsonNode delta, List<ChatEvent> events) {
        switch (delta.path("type").asText("")) {
            case "text_delta" ->
                events.add(new ChatEvent.Text(0, delta.path("text").asText("")));
            case "thinking_delta" ->
                events.add(new ChatEvent.Thinking(0, delta.path("thinking").asText(""), null));
            case "signature_delta" ->
                events.add(new ChatEvent.Thinking(0, "", delta.path("signature").asText("")));
            case "input_json_delta" -> {
                String fragment = delta.path("partial_json").asText("");
                Integer tool = toolIndexes.get(index);
                if (jsonBlocks.contains(index)) {
                    events.add(new ChatEvent.Text(0, fragment));
                } else if (tool != null && !fragment.isEmpty()) {
                    events.add(new ChatEvent.ToolCallArguments(0, tool, fragment));
                }
            }
            default -> {}
        }
    }

    @Override
    public boolean complete() {
        return done;
    }
}
