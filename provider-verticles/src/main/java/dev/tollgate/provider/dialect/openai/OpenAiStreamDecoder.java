package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.SseParser;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads OpenAI's chunk events into canonical ones. A stream is complete with its {@code [DONE]} or with its finish reason. */
final class OpenAiStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final Map<Integer, OpenAiStreamedAnswer> answers = new TreeMap<>();
    private boolean begun;
    private boolean done;

    @Override
    public List<ChatEvent> feed(Buffer bytes) {
        List<ChatEvent> events = new ArrayList<>();
        parser.feed(bytes, (_, data) -> {
            String text = data.strip();
            if (text.equals("[DONE]")) {
                done = true;
                answers.values().forEach(answer -> answer.finish(null, events));
            } else if (!text.isEmpty()) {
                chunk(Json.read(text), events);
            }
        });
        return events;
    }

    private void chunk(JsonNode chunk, List<ChatEvent> events) {
        boolean whole = chunk.path("object").asText("").equals("error");
        if (whole || Json.has(chunk, "error")) {
            events.add(new ChatEvent.Broken(OpenAiErrors.inStream(whole ? chunk : chunk.get("error"))));
            return;
        }
        begin(chunk, events);
        for (JsonNode choice : chunk.path("choices")) {
            choice(choice, events);
        }
        if (chunk.path("usage").isObject()) {
            events.add(new ChatEvent.Tokens(OpenAiUsage.of(chunk.get("usage")).in(OpenAiUsage.tier(chunk))));
        }
    }

    /** Azure's first chunk only reports on the prompt: neither id nor model nor choices. */
    private void begin(JsonNode chunk, List<ChatEvent> events) {
        String id = filled(chunk, "id");
        if (!begun && (id != null || !chunk.path("choices").isEmpty())) {
            begun = true;
            events.add(new ChatEvent.Start(id, filled(chunk, "model"), Usage.NONE));
        }
    }

    private static @Nullable String filled(JsonNode node, String name) {
        String text = Json.text(node, name);
        return text == null || text.isEmpty() ? null : text;
    }

    private void choice(JsonNode choice, List<ChatEvent> events) {
        OpenAiStreamedAnswer answer =
                answers.computeIfAbsent(choice.path("index").asInt(0), OpenAiStreamedAnswer::new);
        answer.delta(choice.path("delta"), events);
        String reason = filled(choice, "finish_reason");
        if (reason != null) {
            answer.finish(reason, events);
        }
    }

    @Override
    public boolean complete() {
        return done || answers.values().stream().anyMatch(OpenAiStreamedAnswer::finished);
    }
}
