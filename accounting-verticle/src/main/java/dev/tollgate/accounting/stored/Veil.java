package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.StoredModels;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a node sees of a model or credential that must not hold what is secret in it: each text that the router does not read is sealed by
 * itself, between its two ends, which is what admins are shown of a secret anyway. So an admin's change can be made to it without its
 * being opened, and what was not changed is itself again when the veil is taken off. A veiled text opens in its own place only: a node that
 * may not read it could otherwise have it opened in one that is shown.
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
                each.getKey(), plain(each.getKey()) ? each.getValue() : over(List.of(each.getKey()), each.getValue())));
        return veiled;
    }

    private static boolean plain(String name) {
        return StoredModels.routing(name) || PLAIN.contains(name);
    }

    private @Nullable Object over(List<String> path, @Nullable Object value) {
        return switch (value) {
            // The name of a variable is no secret, and its value is not here.
            case String text -> text.startsWith(VARIABLE) ? text : over(path, text);
            case JsonObject object -> {
                JsonObject veiled = new JsonObject();
                object.forEach(each -> veiled.put(each.getKey(), over(under(path, each.getKey()), each.getValue())));
                yield veiled;
            }
            case JsonArray list -> {
                JsonArray veiled = new JsonArray();
                list.forEach(each -> veiled.add(over(path, each)));
                yield veiled;
            }
            case null, default -> value;
        };
    }

    private String over(List<String> path, String text) {
        boolean shown = text.length() >= LONG_ENOUGH;
        String head = shown ? text.substring(0, 2) : "**";
        String tail = shown ? text.substring(text.length() - 2) : "**";
        return head + "~sealed~" + seals.close(place(path), text) + "~" + tail;
    }

    private static List<String> under(List<String> path, String name) {
        List<String> longer = new ArrayList<>(path);
        longer.add(name);
        return longer;
    }

    /** Begins as no kind does, and is JSON, so that no id and no name can make it that of something else. */
    private String place(List<String> path) {
        return "veil\n"
                + new JsonArray()
                        .add(kind.storedName())
                        .add(id)
                        .add(new JsonArray(path))
                        .encode();
    }

    /**
     * The part as it was, with what was changed under the veil.
     *
     * @throws Seal.Broken when a veiled text is not where it was veiled, or where what is said is shown
     */
    JsonObject off(JsonObject veiled) throws Seal.Broken {
        JsonObject part = new JsonObject();
        for (String name : veiled.fieldNames()) {
            part.put(name, off(List.of(name), veiled.getValue(name)));
        }
        return part;
    }

    private @Nullable Object off(List<String> path, @Nullable Object value) throws Seal.Broken {
        return switch (value) {
            case String text -> off(path, text);
            case JsonObject object -> {
                JsonObject part = new JsonObject();
                for (String name : object.fieldNames()) {
                    part.put(name, off(under(path, name), object.getValue(name)));
                }
                yield part;
            }
            case JsonArray list -> {
                JsonArray part = new JsonArray();
                for (int i = 0; i < list.size(); i++) {
                    part.add(off(path, list.getValue(i)));
                }
                yield part;
            }
            case null, default -> value;
        };
    }

    private String off(List<String> path, String text) throws Seal.Broken {
        Matcher sealed = VEILED.matcher(text);
        if (!sealed.matches()) {
            return text;
        }
        if (plain(path.getFirst())) {
            throw new Seal.Broken("`" + path.getFirst() + "` cannot be a sealed text: it is shown as it is");
        }
        return seals.open(place(path), sealed.group(2));
    }
}
