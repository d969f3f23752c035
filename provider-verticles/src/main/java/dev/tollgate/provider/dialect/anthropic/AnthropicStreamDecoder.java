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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads Anthropic's event stream ({@code message_start … message_stop}) into canonical events. */
final class AnthropicStreamDecoder implements StreamDecoder {
    private static final int JSON = -1;

    private final SseParser parser = new SseParser();
    private final Map<Integer, Call> calls = new HashMap<>();
    private int tools;
    private boolean finished;
    private Usage usage = Usage.NONE;
    private boolean done;

    /** A tool call under way: its position among the tools, -1 for the JSON tool, and the input that its start already gave. */
    private record Call(int tool, String input) {}

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
            case "content_block_stop" ->
                arguments(calls.remove(event.path("index").asInt()), null, events);
            case "message_delta" -> {
                usage = AnthropicUsage.read(event.path("usage"), usage);
                events.add(new ChatEvent.Tokens(usage));
                finish(event.path("delta"), events);
            }
            case "message_stop" -> done = true;
            case "error" -> events.add(new ChatEvent.Broken(AnthropicDialect.inStream(event.path("error"))));
            default -> {
                // ping and events of the future say nothing that is passed on.
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
                JsonNode input = block.path("input");
                String given = input.isObject() && !input.isEmpty() ? input.toString() : "{}";
                if (block.path("name").asText("").equals(AnthropicTools.JSON_TOOL)) {
                    calls.put(index, new Call(JSON, given));
                } else {
                    calls.put(index, new Call(tools, given));
                    events.add(new ChatEvent.ToolCallStart(
                            0,
                            tools++,
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
                Call call = calls.get(index);
                if (call != null && !fragment.isEmpty()) {
                    calls.put(index, new Call(call.tool(), ""));
                    arguments(call, fragment, events);
                }
            }
            default -> {}
        }
    }

    /** More of a call's input, or at its end (null) what the start gave if nothing came since: {@code {}} for a tool without arguments. */
    private static void arguments(@Nullable Call call, @Nullable String fragment, List<ChatEvent> events) {
        String text = call == null ? "" : fragment != null ? fragment : call.input();
        if (call == null || text.isEmpty()) {
            return;
        }
        events.add(
                call.tool() == JSON
                        ? new ChatEvent.Text(0, text)
                        : new ChatEvent.ToolCallArguments(0, call.tool(), text));
    }

    private void finish(JsonNode delta, List<ChatEvent> events) {
        String reason = Json.text(delta, "stop_reason");
        if (reason == null || finished) {
            return;
        }
        finished = true;
        FinishReason finish = AnthropicChatCodec.finish(reason);
        // Only the JSON tool was called: for the client that is an answer, not a call.
        boolean answered = finish == FinishReason.TOOL_CALLS && tools == 0;
        events.add(new ChatEvent.Finish(0, answered ? FinishReason.STOP : finish, Json.text(delta, "stop_sequence")));
    }

    @Override
    public boolean complete() {
        return done;
    }
}
