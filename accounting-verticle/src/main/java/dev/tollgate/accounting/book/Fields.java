package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads fields of a document. A field that is there but of another type is an error, never as if it were not there. */
final class Fields {
    private static final Fields EMPTY = new Fields(new JsonObject());
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private final JsonObject document;

    /** A field is not what it should be. */
    static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unreadable(String name, String should) {
            super("`" + name + "` is not " + should);
        }
    }

    Fields(JsonObject document) {
        this.document = document;
    }

    boolean has(String name) {
        return document.getValue(name) != null;
    }

    boolean isMapping(String name) {
        return document.getValue(name) instanceof JsonObject;
    }

    @Nullable String text(String name) {
        return switch (document.getValue(name)) {
            case null -> null;
            case String text -> text;
            default -> throw new Unreadable(name, "a text");
        };
    }

    /** A text that is there and not empty, or null. */
    @Nullable String id(String name) {
        String text = text(name);
        return text == null || text.isEmpty() ? null : text;
    }

    boolean flag(String name) {
        return switch (document.getValue(name)) {
            case null -> false;
            case Boolean flag -> flag;
            default -> throw new Unreadable(name, "true or false");
        };
    }

    /** A mapping; empty when there is none. */
    Fields fields(String name) {
        return switch (document.getValue(name)) {
            case null -> EMPTY;
            case JsonObject inner -> new Fields(inner);
            default -> throw new Unreadable(name, "a mapping");
        };
    }

    Iterable<String> names() {
        return document.fieldNames();
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object each : list(name)) {
            if (!(each instanceof String text)) {
                throw new Unreadable(name, "a list of texts");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    /** A list of mappings. */
    List<Fields> each(String name) {
        List<Fields> each = new ArrayList<>();
        for (Object item : list(name)) {
            if (!(item instanceof JsonObject inner)) {
                throw new Unreadable(name, "a list of mappings");
            }
            each.add(new Fields(inner));
        }
        return each;
    }

    private JsonArray list(String name) {
        return switch (document.getValue(name)) {
            case null -> JsonArray.of();
            case JsonArray list -> list;
            default -> throw new Unreadable(name, "a list");
        };
    }

    /** A mapping of names to names. */
    Map<String, String> names(String name) {
        Fields inner = fields(name);
        Map<String, String> names = new LinkedHashMap<>();
        for (String each : inner.names()) {
            String text = inner.text(each);
            if (text != null) {
                names.put(each, text);
            }
        }
        return Map.copyOf(names);
    }

    /** A count, or {@link Limits#NONE}; what is too large to count is no limit. */
    long count(String name) {
        BigDecimal number = number(name);
        return number == null || number.compareTo(MOST) >= 0
                ? Limits.NONE
                : number.setScale(0, RoundingMode.FLOOR).longValueExact();
    }

    /** US dollars in nano-dollars, or {@link Limits#NONE}; what is too much to count is no limit. */
    long nanos(String name) {
        BigDecimal dollars = number(name);
        BigDecimal nanos = dollars == null ? MOST : dollars.multiply(NANOS);
        return nanos.compareTo(MOST) >= 0
                ? Limits.NONE
                : nanos.setScale(0, RoundingMode.FLOOR).longValueExact();
    }

    private @Nullable BigDecimal number(String name) {
        Object value = document.getValue(name);
        if (value == null) {
            return null;
        }
        BigDecimal number;
        try {
            number = value instanceof Number || value instanceof String ? new BigDecimal(value.toString()) : null;
        } catch (NumberFormatException _) {
            number = null;
        }
        if (number == null || number.signum() < 0 || number.precision() - number.scale() > 100) {
            throw new Unreadable(name, "a number from 0");
        }
        return number;
    }

    @Nullable Period period(String name) {
        String text = id(name);
        return text == null
                ? null
                : Period.parse(text).orElseThrow(() -> new Unreadable(name, "a duration such as 1d or 30d"));
    }
}
