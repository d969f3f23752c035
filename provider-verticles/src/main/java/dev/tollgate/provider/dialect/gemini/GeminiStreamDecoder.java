package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.SseParser;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code streamGenerateContent?alt=sse}: a series of answers, each holding what is new. */
final class GeminiStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final Map<Integer, Integer> calls = new HashMap<>();
    private final Set<Integer> finished = new HashSet<>();
    private boolean begun;
    private long searches;

    @Override
    public List<ChatEvent> feed(Buffer bytes) {
        List<ChatEvent> events = new ArrayList<>();
        parser.feed(bytes, (_, data) -> {
            if (!data.isBlank()) {
                answer(Json.read(data), events);
            }
        });
        return events;
    }

    private void answer(JsonNode answer, List<ChatEvent> events) {
        if (Json.has(answer, "error")) {
            JsonNode error = answer.get("error");
            int status = error.path("code").asInt(500);
            events.add(new ChatEvent.Broken(GeminiDialect.failure(
                    "gemini",
                    status >= 400 && status < 600 ? status : 500,
                    MultiMap.caseInsensitiveMultiMap(),
                    error)));
            return;
        }
        if (!begun) {
            begun = true;
            events.add(new ChatEvent.Start(
                    Json.text(answer, "responseId"), Json.text(answer, "modelVersion"), Usage.NONE));
        }
        for (JsonNode candidate : answer.path("candidates")) {
            candidate(candidate, events);
        }
        if (Json.has(answer.path("promptFeedback"), "blockReason") && finished.add(0)) {
            events.add(new ChatEvent.Finish(0, FinishReason.CONTENT_FILTER, null));
        }
        Usage usage = GeminiUsage.read(answer);
        if (usage.reported()) {
            // They are named once, with the text that they led to; the figures after that must not forget them.
            searches = Math.max(searches, usage.webSearches());
            events.add(new ChatEvent.Tokens(usage.withSearches(searches)));
        }
    }

    private void candidate(JsonNode candidate, List<ChatEvent> events) {
        int choice = candidate.path("index").asInt(0);
        for (JsonNode part : candidate.path("content").path("parts")) {
            part(choice, GeminiContents.readPart(part), events);
        }
        String reason = Json.text(candidate, "finishReason");
        if (reason != null && finished.add(choice)) {
            events.add(new ChatEvent.Finish(choice, GeminiChatCodec.finish(reason, calls.containsKey(choice)), null));
        }
    }

    private void part(int choice, @Nullable Part part, List<ChatEvent> events) {
        switch (part) {
            case Part.Text text -> events.add(new ChatEvent.Text(choice, text.text()));
            case Part.Thinking thinking -> events.add(new ChatEvent.Thinking(choice, thinking.text(), null));
            case Part.Image image
            when image.base64() != null && image.mediaType() != null ->
                events.add(new ChatEvent.Image(choice, image.mediaType(), image.base64(), image.signature()));
            case Part.Audio audio -> events.add(new ChatEvent.Audio(choice, audio.base64()));
            case Part.ToolCall call -> {
                int index = calls.merge(choice, 1, Integer::sum) - 1;
                events.add(new ChatEvent.ToolCallStart(choice, index, call.id(), call.name(), call.signature()));
                events.add(new ChatEvent.ToolCallArguments(choice, index, call.arguments()));
            }
            case null, default -> {
                // Nothing that a chat client could show.
            }
        }
    }

    @Override
    public boolean complete() {
        return !finished.isEmpty();
    }
}
