package dev.tollgate.gateway.seam;

import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins events of Anthropic's messages: one {@code message_start}; the text block that was open when the stream broke goes on, and
 * further blocks are numbered from there.
 */
final class MessagesSeam extends Seam {
    private static final int NONE = -1;

    private boolean started;
    private int blocks;
    private int open = NONE;
    /** Added to the next part's numbers. */
    private int shift = NONE;

    @Override
    void shown(JsonObject event) {
        switch (text(event, "type")) {
            case "message_start" -> started = true;
            case "ping" -> {}
            case "content_block_start" -> {
                JsonObject block = object(event, "content_block");
                if (blocks > 0 || !"text".equals(text(block, "type"))) {
                    notPlain();
                }
                append(text(block, "text"));
                open = index(event);
                blocks++;
            }
            case "content_block_delta" -> {
                JsonObject delta = object(event, "delta");
                if ("text_delta".equals(text(delta, "type"))) {
                    append(text(delta, "text"));
                } else {
                    notPlain();
                }
            }
            case "content_block_stop" -> open = NONE;
            default -> notPlain();
        }
    }

    @Override
    List<JsonObject> joined(JsonObject event, Usage before) {
        return switch (text(event, "type")) {
            case "message_start" -> started ? List.of() : List.of(event);
            case "content_block_start" -> opened(event);
            case "content_block_delta", "content_block_stop" -> List.of(numbered(event));
            case "message_delta" -> {
                if (event.getValue("usage") instanceof JsonObject usage
                        && usage.getValue("output_tokens") instanceof Number count) {
                    usage.put("output_tokens", count.longValue() + before.completion());
                }
                yield List.of(event);
            }
            default -> List.of(event);
        };
    }

    private List<JsonObject> opened(JsonObject event) {
        if (shift != NONE) {
            return List.of(numbered(event));
        }
        JsonObject block = object(event, "content_block");
        if (open != NONE && "text".equals(text(block, "type"))) {
            shift = open - index(event);
            String text = text(block, "text");
            return text.isEmpty() ? List.of() : List.of(delta(text));
        }
        List<JsonObject> events = new ArrayList<>(2);
        if (open != NONE) {
            events.add(new JsonObject().put("type", "content_block_stop").put("index", open));
        }
        shift = blocks - index(event);
        events.add(numbered(event));
        return events;
    }

    private JsonObject delta(String text) {
        return new JsonObject()
                .put("type", "content_block_delta")
                .put("index", open)
                .put("delta", new JsonObject().put("type", "text_delta").put("text", text));
    }

    private JsonObject numbered(JsonObject event) {
        return event.put("index", index(event) + Math.max(0, shift));
    }

    @Override
    void write(JsonObject event, Buffer out) {
        out.appendString("event: " + text(event, "type") + "\ndata: ")
                .appendBuffer(event.toBuffer())
                .appendString("\n\n");
    }
}
