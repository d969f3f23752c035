package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.StoredModels;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a node sees of a model or credential that must not hold what is secret in it: each text that the router does not read is sealed by
 * itself, between its two ends, which is what admins are shown of a secret anyway. So an admin's change can be made to it without its
 * being opened, and what was not changed is itself again when the veil is taken off.
 */
final class Veil {
    private static final Pattern VEILED = Pattern.compile("(?s)(..)~sealed~([A-Za-z0-9_-]+)~(..)");

    /** Beside what the router reads, what is shown to admins as it is. */
    private static final Set<String> PLAIN =
            Set.of("api_version", "organization", "aws_region_name", "vertex_project", "vertex_location");

    private static final String VARIABLE = "os.environ/";
    private static final int LONG_ENOUGH = 16;

    private final Seals seals;
    private final Kind kind;
    private final String id;

    /** Over one entry. */
    Veil(Seals seals, Kind kind, String id) {
        this.seals = seals;
        this.kind = kind;
        this.id = id;
    }

    /** The part of it that is secret, veiled. */
    JsonObject over(JsonObject part) {
        JsonObject veiled = new JsonObject();
        part.forEach(each -> veiled.put(
                each.getKey(),
                StoredModels.routing(each.getKey()) || PLAIN.contains(each.getKey())
                        ? each.getValue()
                        : over(each.getValue())));
        return veiled;
    }

    private @Nullable Object over(@Nullable Object value) {
        return switch (value) {
            // The name of a variable is no secret, and its value is not here.
            case String text -> text.startsWith(VARIABLE) ? text : over(text);
            case JsonObject object -> {
                JsonObject veiled = new JsonObject();
                object.forEach(each -> veiled.put(each.getKey(), over(each.getValue())));
                yield veiled;
            }
            case JsonArray list -> {
                JsonArray veiled = new JsonArray();
                list.forEach(each -> veiled.add(over(each)));
                yield veiled;
            }
            case null, default -> value;
        };
    }

    private String over(String text) {
        boolean shown = text.length() >= LONG_ENOUGH;
        String head = shown ? text.substring(0, 2) : "**";
        String tail = shown ? text.substring(text.length() - 2) : "**";
        return head + "~sealed~" + seals.close(kind, id, text) + "~" + tail;
    }

    /** The part as it was, with what was changed under the veil. */
    JsonObject off(JsonObject veiled) throws Seal.Broken {
        JsonObject part = new JsonObject();
        for (String name : veiled.fieldNames()) {
            part.put(name, off(veiled.getValue(name)));
        }
        return part;
    }

    private @Nullable Object off(@Nullable Object value) throws Seal.Broken {
        return switch (value) {
            case String text -> {
                Matcher sealed = VEILED.matcher(text);
                yield sealed.matches() ? seals.open(kind, id, sealed.group(2)) : text;
            }
            case JsonObject object -> off(object);
            case JsonArray list -> {
                JsonArray part = new JsonArray();
                for (int i = 0; i < list.size(); i++) {
                    part.add(off(list.getValue(i)));
                }
                yield part;
            }
            case null, default -> value;
        };
    }
}
