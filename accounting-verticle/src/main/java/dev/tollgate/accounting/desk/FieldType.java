package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Period;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Types of the fields of a {@link Form}, with pydantic's words for what is wrong with a value. */
enum FieldType {
    /** Text. */
    TEXT,
    /** An id or a name: text of one line and up to 250 bytes; an empty one counts as none. */
    ID,
    /** Dollars, not negative. */
    AMOUNT,
    /** A whole number, not negative. */
    COUNT,
    /** True or false. */
    FLAG,
    /** Any list. */
    LIST,
    /** A list of texts. */
    TEXTS,
    /** Any object. */
    OBJECT,
    /** An object of texts. */
    NAMES,
    /** An object of whole numbers: limits by model. */
    COUNTS,
    /** An object of dollars, or of objects with dollars and a period: budgets by model. */
    BUDGETS,
    /** {@code budget_limits}: a list of budgets, each with its period. */
    WINDOWS,
    /** Any object whose members that mean something are of the right type. */
    METADATA,
    /** {@code budget_duration}. */
    PERIOD,
    /** {@code duration}. */
    LIFETIME,
    /** {@code user_role}. */
    ROLE,
    /** Anything. */
    ANY;

    private static final int MOST_DIGITS = 30;

    /** A text may have an exponent that takes minutes to write out. */
    private static final int MOST_DECIMALS = 400;

    private static final int MOST_ID_BYTES = 250;
    private static final Map<String, FieldType> METADATA_MEMBERS =
            Map.of("tags", TEXTS, "model_rpm_limit", COUNTS, "model_tpm_limit", COUNTS, "team_member_budget_id", TEXT);

    /** A value as it is stored, and what is wrong with it. */
    record Read(@Nullable Object value, List<Mistake> mistakes) {}

    /**
     * One thing that is wrong.
     *
     * @param type pydantic's name of it
     * @param inside where in the field, or null: the field itself
     */
    record Mistake(
            String type,
            @Nullable Object inside,
            String message,
            @Nullable Object input) {
        JsonObject at(String field) {
            List<Object> place = new ArrayList<>(List.of("body", field));
            if (inside != null) {
                place.add(inside);
            }
            return Form.mistake(type, place, message, input);
        }
    }

    /** Reads a value. */
    Read read(@Nullable Object value) {
        return switch (this) {
            case TEXT, PERIOD, LIFETIME -> value instanceof String ? good(value) : bad("string", "string", value);
            case ID -> id(value);
            case METADATA -> metadata(value);
            case AMOUNT -> amount(value);
            case COUNT -> count(value);
            case FLAG -> flag(value);
            case ROLE -> role(value);
            case LIST -> value instanceof JsonArray ? good(value) : bad("list", "list", value);
            case TEXTS -> texts(value);
            case OBJECT -> value instanceof JsonObject ? good(value) : bad("dict", "dictionary", value);
            case NAMES, COUNTS, BUDGETS -> members(value);
            case WINDOWS -> windows(value);
            case ANY -> good(value);
        };
    }

    private static Read good(@Nullable Object value) {
        return new Read(value, List.of());
    }

    private static Read bad(String type, String what, @Nullable Object value) {
        return wrong(type + "_type", "Input should be a valid " + what, value);
    }

    private static Read wrong(String type, String message, @Nullable Object value) {
        return new Read(null, List.of(new Mistake(type, null, message, value)));
    }

    private static Read id(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return bad("string", "string", value);
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > MOST_ID_BYTES) {
            return wrong("string_too_long", "String should have at most " + MOST_ID_BYTES + " bytes", value);
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            return wrong("string_pattern_mismatch", "String should be one line without control characters", value);
        }
        return good(text.isEmpty() ? null : text);
    }

    private static Read metadata(@Nullable Object value) {
        if (!(value instanceof JsonObject object)) {
            return bad("dict", "dictionary", value);
        }
        List<Mistake> mistakes = new ArrayList<>();
        METADATA_MEMBERS.forEach((name, type) -> {
            if (object.getValue(name) != null) {
                type.read(object.getValue(name))
                        .mistakes()
                        .forEach(each -> mistakes.add(new Mistake(each.type(), name, each.message(), each.input())));
            }
        });
        return new Read(value, mistakes);
    }

    private static Read amount(@Nullable Object value) {
        Object number = number(value);
        if (!(number instanceof BigDecimal exact)) {
            return value instanceof String
                    ? wrong(
                            "float_parsing",
                            "Input should be a valid number, unable to parse string as a number",
                            value)
                    : bad("float", "number", value);
        }
        if ((long) exact.precision() - exact.scale() > MOST_DIGITS || exact.scale() > MOST_DECIMALS) {
            return wrong("finite_number", "Input should be a finite number", value);
        }
        return exact.signum() < 0 ? negative(value) : good(value instanceof Number ? value : exact);
    }

    private static Read count(@Nullable Object value) {
        Object number = number(value);
        if (!(number instanceof BigDecimal exact)) {
            return value instanceof String
                    ? wrong(
                            "int_parsing",
                            "Input should be a valid integer, unable to parse string as an integer",
                            value)
                    : bad("int", "integer", value);
        }
        try {
            long whole = exact.longValueExact();
            return whole < 0 ? negative(value) : good(whole);
        } catch (ArithmeticException _) {
            return wrong(
                    "int_from_float", "Input should be a valid integer, got a number with a fractional part", value);
        }
    }

    private static Read negative(@Nullable Object value) {
        return wrong("greater_than_equal", "Input should be greater than or equal to 0", value);
    }

    private static @Nullable BigDecimal number(@Nullable Object value) {
        try {
            return value instanceof Number || value instanceof String
                    ? new BigDecimal(value.toString().strip())
                    : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static Read flag(@Nullable Object value) {
        if (value instanceof Boolean) {
            return good(value);
        }
        String text = value instanceof String || value instanceof Number
                ? value.toString().toLowerCase(Locale.ROOT)
                : "";
        return switch (text) {
            case "true", "1", "yes", "on", "t", "y" -> good(true);
            case "false", "0", "no", "off", "f", "n" -> good(false);
            case "" -> bad("bool", "boolean", value);
            default -> wrong("bool_parsing", "Input should be a valid boolean, unable to interpret input", value);
        };
    }

    private static Read role(@Nullable Object value) {
        return value instanceof String text && UserRole.named(text).isPresent()
                ? good(UserRole.named(text).orElseThrow().wireName())
                : wrong(
                        "enum",
                        "Input should be 'proxy_admin', 'proxy_admin_viewer', 'internal_user' or 'internal_user_viewer'",
                        value);
    }

    private static Read texts(@Nullable Object value) {
        if (!(value instanceof JsonArray list)) {
            return bad("list", "list", value);
        }
        List<Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!(list.getValue(i) instanceof String)) {
                mistakes.add(new Mistake("string_type", i, "Input should be a valid string", list.getValue(i)));
            }
        }
        return new Read(value, mistakes);
    }

    private static Read windows(@Nullable Object value) {
        if (!(value instanceof JsonArray list)) {
            return bad("list", "list", value);
        }
        List<Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            JsonObject window = list.getValue(i) instanceof JsonObject object ? object : new JsonObject();
            boolean whole = window.getValue("budget_duration") != null && window.getValue("max_budget") != null;
            List<Mistake> inside = whole ? budget(window).mistakes() : List.of();
            if (!whole || !inside.isEmpty()) {
                String message = "Input should be an object with budget_duration, such as 1d, and max_budget";
                mistakes.add(new Mistake("value_error", i, message, list.getValue(i)));
            }
        }
        return new Read(value, mistakes);
    }

    private Read members(@Nullable Object value) {
        if (!(value instanceof JsonObject object)) {
            return bad("dict", "dictionary", value);
        }
        JsonObject read = new JsonObject();
        List<Mistake> mistakes = new ArrayList<>();
        for (String name : object.fieldNames()) {
            Read member = member(object.getValue(name));
            read.put(name, member.value());
            member.mistakes()
                    .forEach(each -> mistakes.add(new Mistake(each.type(), name, each.message(), each.input())));
        }
        return new Read(read, mistakes);
    }

    private Read member(@Nullable Object value) {
        return switch (this) {
            case NAMES -> TEXT.read(value);
            case COUNTS -> COUNT.read(value);
            default -> value instanceof JsonObject budget ? budget(budget) : AMOUNT.read(value);
        };
    }

    /** {@code {budget_limit, time_period}} under either of LiteLLM's names, with more limits beside them. */
    private static Read budget(JsonObject budget) {
        List<Mistake> mistakes = new ArrayList<>();
        for (String name : List.of("budget_limit", "max_budget")) {
            if (budget.getValue(name) != null) {
                mistakes.addAll(AMOUNT.read(budget.getValue(name)).mistakes());
            }
        }
        for (String name : List.of("tpm_limit", "rpm_limit")) {
            if (budget.getValue(name) != null) {
                mistakes.addAll(COUNT.read(budget.getValue(name)).mistakes());
            }
        }
        for (String name : List.of("time_period", "budget_duration")) {
            Object period = budget.getValue(name);
            if (period != null
                    && !(period instanceof String text && Period.parse(text).isPresent())) {
                mistakes.add(new Mistake(
                        "value_error", null, "Input should be a number and s, m, h, d, w or mo, such as 30d", period));
            }
        }
        return new Read(budget, mistakes);
    }
}
