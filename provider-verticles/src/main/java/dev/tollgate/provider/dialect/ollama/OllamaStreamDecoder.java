package dev.tollgate.provider.dialect.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.ErrorReader;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.LineParser;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code /api/chat}'s lines of JSON; the last one has {@code done} and the figures. */
final class OllamaStreamDecoder implements StreamDecoder {
    private final LineParser lines = new LineParser();
    private boolean begun;
    private boolean done;
    private int calls;

    @Override
    public List<ChatEvent> feed(Buffer bytes) {
        List<ChatEvent> events = new ArrayList<>();
        lines.feed(bytes, line -> line(Json.read(line), events));
        return events;
    }

    private void line(JsonNode line, List<ChatEvent> events) {
        String error = OllamaDialect.error(line);
        if (error != null) {
            events.add(new ChatEvent.Broken(
                    ErrorReader.failure("ollama", 500, error, null, null, MultiMap.caseInsensitiveMultiMap())));
            return;
        }
        if (!begun) {
            begun = true;
            events.add(new ChatEvent.Start(null, Json.text(line, "model"), Usage.NONE));
        }
        for (Part part : OllamaMessages.read(line.path("message"))) {
            switch (part) {
                case Part.Text text -> events.add(new ChatEvent.Text(0, text.text()));
                case Part.Thinking thinking -> events.add(new ChatEvent.Thinking(0, thinking.text(), null));
                case Part.ToolCall call -> {
                    events.add(new ChatEvent.ToolCallStart(0, calls, call.id(), call.name(), null));
                    events.add(new ChatEvent.ToolCallArguments(0, calls, call.arguments()));
                    calls++;
                }
                default -> {
                    // The reader makes no other parts.
                }
            }
        }
        if (line.path("done").asBoolean(false) && !done) {
            done = true;
            Usage usage = OllamaChatCodec.usage(line);
            if (usage.reported()) {
                events.add(new ChatEvent.Tokens(usage));
            }
            events.add(new ChatEvent.Finish(0, OllamaChatCodec.finish(line, calls > 0), null));
        }
    }

    @Override
    public boolean complete() {
        return done;
    }
}
