package dev.tollgate.gateway.seam;

import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Joins chunks of OpenAI's chat completions: one id and time of creation, one role, usage of all parts. */
final class ChatSeam extends Seam {
    private @Nullable String id;
    private @Nullable Object created;
    private boolean greeted;

    @Override
    void shown(JsonObject chunk) {
        if (id == null) {
            id = chunk.getValue("id") instanceof String named ? named : null;
            created = chunk.getValue("created");
        }
        for (Object item : array(chunk, "choices")) {
            if (!(item instanceof JsonObject choice)
                    || index(choice) != 0
                    || choice.getValue("finish_reason") != null) {
                notPlain();
            } else if (choice.getValue("delta") instanceof JsonObject delta) {
                delta.forEach(this::delta);
            }
        }
    }

    private void delta(Map.Entry<String, Object> member) {
        Object value = member.getValue();
        if (member.getKey().equals("role")) {
            greeted = true;
        } else if (member.getKey().equals("content") && value instanceof String text) {
            append(text);
        } else if (!empty(value)) {
            notPlain();
        }
    }

    private static boolean empty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case String text -> text.isEmpty();
            case JsonArray items -> items.isEmpty();
            case JsonObject members -> members.isEmpty();
            default -> false;
        };
    }

    @Override
    List<JsonObject> joined(JsonObject chunk, Usage before) {
        if (id != null) {
            chunk.put("id", id);
        }
        if (created != null) {
            chunk.put("created", created);
        }
        if (chunk.getValue("usage") instanceof JsonObject usage) {
            add(usage, "prompt_tokens", before.prompt());
            add(usage, "completion_tokens", before.completion());
            add(usage, "total_tokens", before.total());
            return List.of(chunk);
        }
        boolean says = false;
        JsonArray choices = array(chunk, "choices");
        for (Object item : choices) {
            if (item instanceof JsonObject choice) {
                says |= says(object(choice, "delta")) || choice.getValue("finish_reason") != null;
            }
        }
        return says || choices.isEmpty() ? List.of(chunk) : List.of();
    }

    private boolean says(JsonObject delta) {
        if (greeted) {
            delta.remove("role");
        }
        return delta.stream().anyMatch(member -> !empty(member.getValue()));
    }

    private static void add(JsonObject usage, String name, long before) {
        if (usage.getValue(name) instanceof Number count) {
            usage.put(name, count.longValue() + before);
        }
    }

    @Override
    void write(JsonObject chunk, Buffer out) {
        out.appendString("data: ").appendBuffer(chunk.toBuffer()).appendString("\n\n");
    }
}
