package dev.tollgate.accounting.bring;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of LiteLLM's, with whatever columns its version has. It remembers which were asked for: of the others, those that say
 * something are what could not be brought.
 */
final class LiteLlmRow {
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'+00:00'").withZone(ZoneOffset.UTC);
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private final JsonObject columns;
    private final Set<String> used = new HashSet<>();

    LiteLlmRow(JsonObject columns) {
        this.columns = columns;
    }

    /** A text, or null where there is none or an empty one. */
    @Nullable String text(String column) {
        Object value = value(column);
        return value == null || value.toString().isEmpty() ? null : value.toString();
    }

    /** What a column of JSON says; LiteLLM has at times put JSON into it as a text. */
    private @Nullable Object value(String column) {
        used.add(column);
        Object value = columns.getValue(column);
        if (value instanceof String text && (text.startsWith("{") || text.startsWith("["))) {
            try {
                return Json.decodeValue(text);
            } catch (DecodeException _) {
                return text;
            }
        }
        return value;
    }

    @Nullable JsonArray list(String column) {
        return value(column) instanceof JsonArray list ? list : null;
    }

    /** Takes over columns that say something, as they are. */
    void copy(JsonObject into, List<String> names) {
        for (String column : names) {
            Object value = value(column);
            if (!empty(value) && !endless(value)) {
                into.put(column, value);
            }
        }
    }

    /** A limit that is none: JSON has no such number. */
    private static boolean endless(@Nullable Object value) {
        return "Infinity".equals(value);
    }

    private static boolean empty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case String text -> text.isEmpty();
            case JsonArray list -> list.isEmpty();
            case JsonObject object -> object.isEmpty();
            case Boolean flag -> !flag;
            default -> false;
        };
    }

    /** Takes over times; LiteLLM's are UTC and mostly do not say so. */
    void copyTimes(JsonObject into, List<String> names) {
        for (String column : names) {
            String text = text(column);
            Instant time = time(column);
            if (text != null) {
                into.put(column, time == null ? text : ISO.format(time));
            }
        }
    }

    /** A time, or null where there is none, or none that can be read. */
    @Nullable Instant time(String column) {
        String text = text(column);
        try {
            return text == null
                    ? null
                    : switch (DateTimeFormatter.ISO_DATE_TIME.parseBest(
                            text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from)) {
                        case OffsetDateTime zoned -> zoned.toInstant();
                        case LocalDateTime plain -> plain.toInstant(ZoneOffset.UTC);
                        default -> null;
                    };
        } catch (DateTimeException _) {
            return null;
        }
    }

    /** US dollars of {@code spend} in nano-dollars. LiteLLM adds them up as binary fractions, so the last digits are noise. */
    long spentNanos() {
        if (!(value("spend") instanceof Number dollars)) {
            return 0;
        }
        BigDecimal nanos = new BigDecimal(dollars.toString()).movePointRight(9).setScale(0, RoundingMode.HALF_UP);
        return nanos.min(MOST).max(MOST.negate()).longValue();
    }

    /** Says nothing about these. */
    void ignore(List<String> names) {
        used.addAll(names);
    }

    /** Columns that say something and that nobody asked for. */
    Set<String> left() {
        Set<String> left = new HashSet<>();
        for (String column : columns.fieldNames()) {
            Object value = columns.getValue(column);
            boolean zero = value instanceof Number number && number.doubleValue() == 0;
            if (!used.contains(column) && !empty(value) && !zero && !"{}".equals(value) && !"[]".equals(value)) {
                left.add(column);
            }
        }
        return left;
    }
}
