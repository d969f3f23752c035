package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.SseParser;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads OpenAI's chunk events into canonical ones. */
final class OpenAiStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final Set<Integer> finished = new HashSet<>();
    private final Set<Long> started = new HashSet<>();
    private boolean begun;
    private boolean done;

    @Override
    public List<ChatEvent> feed(Buffer bytes) {
        List<ChatEvent> events = new ArrayList<>();
        parser.feed(bytes, (_, data) -> {
            if (data.equals("[DONE]")) {
                done = true;
            } else {
                chunk(Json.read(data), events);
            }
        });
        return events;
    }

    private void chunk(JsonNode chunk, List<ChatEvent> events) {
        if (Json.has(chunk, "error")) {
            events.add(new ChatEvent.Broken(OpenAiErrors.inStream(chunk.get("error"))));
            return;
        }
        if (!begun) {
            begun = true;
            events.add(new ChatEvent.Start(Json.text(chunk, "id"), Json.text(chunk, "model"), Usage.NONE));
        }
        for (JsonNode choice : chunk.path("choices")) {
            choice(choice, events);
        }
        if (chunk.path("usage").isObject()) {
            events.add(new ChatEvent.Tokens(OpenAiUsage.of(chunk.get("usage"))));
        }
    }

    private void choice(JsonNode choice, List<ChatEvent> events) {
        int index = choice.path("index").asInt(0);
        JsonNode delta = choice.path("delta");
        String thinking = OpenAiMessages.reasoningText(delta);
        if (thinking != null && !thinking.isEmpty()) {
            events.add(new ChatEvent.Thinking(index, thinking, null));
        }
        String text = Json.text(delta, "content");
        if (text != null && !text.isEmpty()) {
            events.add(new ChatEvent.Text(index, text));
        }
        String refusal = Json.text(delta, "refusal");
        if (refusal != null && !refusal.isEmpty()) {
            events.add(new ChatEvent.Text(index, refusal));
        }
        for (JsonNode call : delta.path("tool_calls")) {
            toolCall(index, call, events);
        }
        String finish = Json.text(choice, "finish_reason");
        if (finish != null && finished.add(index)) {
            events.add(new ChatEvent.Finish(index, OpenAiChatCodec.finish(finish), null));
        }
    }

    private void toolCall(int choice, JsonNode call, List<ChatEvent> events) {
        int index = call.path("index").asInt(0);
        JsonNode function = call.path("function");
        if (started.add(((long) choice << 32) | index)) {
            String id = Json.text(call, "id");
            events.add(new ChatEvent.ToolCallStart(
                    choice,
                    index,
                    id == null ? "call_" + index : id,
                    function.path("name").asText(""),
                    null));
        }
        String arguments = Json.text(function, "arguments");
        if (arguments != null && !arguments.isEmpty()) {
            events.add(new ChatEvent.ToolCallArguments(choice, index, arguments));
        }
    }

    @Override
    public boolean complete() {
        return done || !finished.isEmpty();
    }
}
