package dev.tollgate.accounting.desk;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parameters of models and values of credentials as answers show them: of any text that may be secret, only its ends. */
final class Masked {
    /** Texts that are known to be no secrets. */
    private static final Set<String> PLAIN = Set.of(
            "model",
            "api_base",
            "base_url",
            "api_version",
            "custom_llm_provider",
            "litellm_credential_name",
            "organization",
            "region_name",
            "aws_region_name",
            "vertex_project",
            "vertex_location",
            "tags",
            "tag_regex",
            "mock_response");

    private static final String STARS = "****";
    private static final int LONG_ENOUGH = 16;
    private static final int SHOWN = 2;

    private Masked() {}

    static JsonObject of(JsonObject values) {
        JsonObject masked = new JsonObject();
        values.forEach(each -> masked.put(each.getKey(), value(each.getKey(), each.getValue())));
        return masked;
    }

    /** A value under its name. */
    static @Nullable Object value(String name, @Nullable Object value) {
        return switch (value) {
            case String text when PLAIN.contains(name) -> text.replaceAll("//[^/@]*@", "//" + STARS + "@");
            case String text -> text(text);
            case JsonArray list when PLAIN.contains(name) -> list;
            case JsonArray list -> {
                JsonArray masked = new JsonArray();
                list.forEach(each -> masked.add(value("", each)));
                yield masked;
            }
            case JsonObject object -> {
                JsonObject masked = new JsonObject();
                object.forEach(each -> masked.put(each.getKey(), value("", each.getValue())));
                yield masked;
            }
            case null, default -> value;
        };
    }

    /** The name of a variable is no secret, and its value is not here. */
    private static String text(String text) {
        if (text.startsWith("os.environ/")) {
            return text;
        }
        return text.length() < LONG_ENOUGH
                ? STARS
                : text.substring(0, SHOWN) + STARS + text.substring(text.length() - SHOWN);
    }

    /**
     * Takes over what a request says. A value that comes back as it was shown stays what it is.
     *
     * @param clears whether null takes a value away; else it says nothing
     */
    static void merge(JsonObject into, @Nullable JsonObject said, boolean clears) {
        if (said == null) {
            return;
        }
        said.forEach(each -> {
            String name = each.getKey();
            Object value = each.getValue();
            if (value == null) {
                if (clears) {
                    into.remove(name);
                }
            } else {
                into.put(name, unmasked(name, value, into.getValue(name)));
            }
        });
    }

    /** What a request says, but where it says what was shown, what stood there; members of objects and lists each for themselves. */
    private static Object unmasked(String name, Object said, @Nullable Object before) {
        if (said.equals(value(name, before))) {
            return before == null ? said : before;
        }
        if (said instanceof JsonObject object && before instanceof JsonObject old) {
            JsonObject both = new JsonObject();
            object.forEach(each -> both.put(
                    each.getKey(),
                    each.getValue() == null ? null : unmasked("", each.getValue(), old.getValue(each.getKey()))));
            return both;
        }
        if (said instanceof JsonArray list && before instanceof JsonArray old && !PLAIN.contains(name)) {
            JsonArray both = new JsonArray();
            for (int i = 0; i < list.size(); i++) {
                Object each = list.getValue(i);
                both.add(each == null ? null : unmasked("", each, i < old.size() ? old.getValue(i) : null));
            }
            return both;
        }
        return said;
    }
}
