package dev.tollgate.gateway.seam;

import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one part of a streamed answer ends and the next begins. Is told first what the client has, then turns the events of the
 * next part into such as go on from there: no second greeting, one id, one numbering. Only plain text can be joined: half a tool
 * call or a signed thought cannot be handed to another model.
 */
public abstract sealed class Seam permits ChatSeam, MessagesSeam {
    private final StringBuilder text = new StringBuilder();
    private boolean plain = true;

    /** A seam for answers of this surface; null where answers are not joined. */
    public static @Nullable Seam of(Surface surface) {
        return switch (surface) {
            case CHAT -> new ChatSeam();
            case MESSAGES -> new MessagesSeam();
            case COMPLETIONS, COUNT_TOKENS, EMBEDDINGS -> null;
        };
    }

    /** Takes what the client has: whole events. */
    public final void shown(Buffer events) {
        for (String event : events(events)) {
            JsonObject data = data(event);
            if (data != null) {
                shown(data);
            }
        }
    }

    /** The events of the next part as the client may see them; {@code before} was used by the parts before. May be empty. */
    public final Buffer joined(Buffer events, Usage before) {
        Buffer out = Buffer.buffer(events.length() + 64);
        for (String event : events(events)) {
            JsonObject data = data(event);
            if (data == null) {
                out.appendString(event).appendString("\n\n");
            } else {
                joined(data, before).forEach(each -> write(each, out));
            }
        }
        return out;
    }

    /** Whether what was shown is the beginning of a plain text, and nothing else. */
    public final boolean plain() {
        return plain;
    }

    /** The text shown. */
    public final String text() {
        return text.toString();
    }

    abstract void shown(JsonObject event);

    abstract List<JsonObject> joined(JsonObject event, Usage before);

    abstract void write(JsonObject event, Buffer out);

    final void append(String more) {
        text.append(more);
    }

    final void notPlain() {
        plain = false;
    }

    /** The array of that name; an empty one when there is none. */
    static JsonArray array(JsonObject from, String name) {
        return from.getValue(name) instanceof JsonArray array ? array : new JsonArray();
    }

    /** The object of that name; an empty one when there is none. */
    static JsonObject object(JsonObject from, String name) {
        return from.getValue(name) instanceof JsonObject object ? object : new JsonObject();
    }

    /** The text of that name; an empty one when there is none. */
    static String text(JsonObject from, String name) {
        return from.getValue(name) instanceof String text ? text : "";
    }

    static int index(JsonObject from) {
        return from.getValue("index") instanceof Number number ? number.intValue() : 0;
    }

    private static String[] events(Buffer bytes) {
        return bytes.toString().strip().replace("\r\n", "\n").split("\n\n+");
    }

    /** The event's data, its lines joined; null for comments and {@code [DONE]}. */
    private static @Nullable JsonObject data(String event) {
        StringBuilder data = new StringBuilder();
        event.lines()
                .filter(line -> line.startsWith("data:"))
                .forEach(line -> data.append(line, "data:".length(), line.length()));
        String json = data.toString().strip();
        if (!json.startsWith("{")) {
            return null;
        }
        try {
            return new JsonObject(json);
        } catch (DecodeException _) {
            return null;
        }
    }
}
