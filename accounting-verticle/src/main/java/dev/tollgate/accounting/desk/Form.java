package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Period;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one endpoint's body and their types. Reading keeps those that it knows, also when they are null (an update clears
 * them then), and turns texts that say a number into one, as pydantic does. All mistakes are told at once, in FastAPI's shape.
 */
final class Form {
    private static final String BODY = "body";

    private final Map<String, FieldType> fields;
    private final List<String> required;

    private Form(Map<String, FieldType> fields, List<String> required) {
        this.fields = fields;
        this.required = required;
    }

    /** One without fields. */
    static Form empty() {
        return new Form(Map.of(), List.of());
    }

    /** With these besides. */
    Form and(FieldType type, String... names) {
        Map<String, FieldType> more = new LinkedHashMap<>(fields);
        for (String name : names) {
            more.put(name, type);
        }
        return new Form(more, required);
    }

    /** With those of another besides. */
    Form and(Form other) {
        Map<String, FieldType> more = new LinkedHashMap<>(fields);
        more.putAll(other.fields);
        return new Form(more, required);
    }

    /** Which must be there. */
    Form needs(String... names) {
        return new Form(fields, List.of(names));
    }

    /** What its fields are called. */
    Set<String> names() {
        return fields.keySet();
    }

    /** Reads a body's object, or one that is part of it. */
    JsonObject read(JsonObject given) throws Refusal {
        JsonArray mistakes = new JsonArray();
        for (String name : required) {
            if (!given.containsKey(name)) {
                mistakes.add(mistake("missing", List.of(BODY, name), "Field required", given.getMap()));
            }
        }
        JsonObject read = new JsonObject();
        fields.forEach((name, type) -> {
            if (given.containsKey(name)) {
                Object value = given.getValue(name);
                if (value == null && !required.contains(name)) {
                    read.putNull(name);
                } else {
                    FieldType.Read field = type.read(value);
                    field.mistakes().forEach(each -> mistakes.add(each.at(name)));
                    if (field.value() == null && field.mistakes().isEmpty() && required.contains(name)) {
                        mistakes.add(mistake(
                                "string_too_short",
                                List.of(BODY, name),
                                "String should have at least 1 character",
                                value));
                    }
                    read.put(name, field.value());
                }
            }
        });
        if (!mistakes.isEmpty()) {
            throw Refusal.invalid(mistakes);
        }
        durations(read);
        return read;
    }

    static JsonObject mistake(String type, List<Object> place, String message, @Nullable Object input) {
        return new JsonObject()
                .put("type", type)
                .put("loc", new JsonArray(new ArrayList<>(place)))
                .put("msg", message)
                .put("input", input);
    }

    /** The object that a body is; none counts as an empty one. */
    static JsonObject object(@Nullable Buffer body) throws Refusal {
        if (body == null || body.length() == 0) {
            return new JsonObject();
        }
        try {
            return new JsonObject(body);
        } catch (DecodeException _) {
            throw Refusal.invalid(new JsonArray()
                    .add(mistake("json_invalid", List.of(BODY), "JSON decode error: a JSON object is expected", null)));
        } catch (ClassCastException _) {
            throw Refusal.invalid(new JsonArray()
                    .add(mistake("model_attributes_type", List.of(BODY), "Input should be a valid dictionary", null)));
        }
    }

    private void durations(JsonObject read) throws Refusal {
        for (Map.Entry<String, FieldType> field : fields.entrySet()) {
            String name = field.getKey();
            if (!(read.getValue(name) instanceof String text)) {
                continue;
            }
            boolean good = switch (field.getValue()) {
                case PERIOD -> Period.parse(text).isPresent();
                case LIFETIME -> text.equals("-1") || Lifetime.parse(text).isPresent();
                default -> true;
            };
            if (!good) {
                throw Refusal.bad(
                        "Invalid " + name + " '" + text
                                + "': write a number and s, m, h, d, w or mo, such as 30s, 12h, 30d",
                        name);
            }
        }
    }
}
