package dev.tollgate.accounting.ledger;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One {@code GET /spend/logs}, as LiteLLM means it: rows newest first, filtered by {@code request_id}, {@code api_key} (a key itself
 * is hashed first), {@code user_id} and time. With both {@code start_date} and {@code end_date}, and unless {@code summarize=false},
 * it is one object a day instead: the spend of the day, and of each key, user and model. Dates are UTC; an end date means its whole
 * day.
 */
final class SpendQuestion {
    private static final int USUAL_LIMIT = 1_000;
    private static final int MOST = 100_000;
    private static final long DAY_MILLIS = 86_400_000;

    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private final int limit;
    private final @Nullable LocalDate summarizedUntil;

    private SpendQuestion(Map<String, String> filter) {
        String key = filter.get("api_key");
        where("api_key = ?", key == null || !key.startsWith("sk-") ? key : hash(key));
        where("user_id = ?", filter.get("user_id"));
        String id = filter.get("request_id");
        where("request_id = ?", id == null || id.isBlank() ? null : RequestId.stored(id));
        Instant from = instant("start_date", filter.get("start_date"), 0);
        Instant until = instant("end_date", filter.get("end_date"), 1);
        where("start_millis >= ?", from == null ? null : from.toEpochMilli());
        where("start_millis < ?", until == null ? null : until.toEpochMilli());
        limit = limit(filter.get("limit"));
        summarizedUntil = from == null || until == null || "false".equalsIgnoreCase(filter.get("summarize"))
                ? null
                : LocalDate.ofInstant(until.minusMillis(1), ZoneOffset.UTC);
    }

    /**
     * Reads the parameters.
     *
     * @throws IllegalArgumentException when a date or the limit is none
     */
    static SpendQuestion of(Map<String, String> filter) {
        return new SpendQuestion(filter);
    }

    private void where(String condition, @Nullable Object value) {
        if (value != null && !(value instanceof String text && text.isBlank())) {
            conditions.add(condition);
            values.add(value);
        }
    }

    private static String hash(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** A date, then {@code days} later; or a time with or without an offset, as it is. */
    private static @Nullable Instant instant(String name, @Nullable String given, int days) {
        if (given == null || given.isBlank()) {
            return null;
        }
        String text = given.strip().replace(' ', 'T');
        try {
            if (text.length() == "2026-01-31".length()) {
                return LocalDate.parse(text).plusDays(days).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            boolean offset = text.endsWith("Z") || text.matches(".*T.*[+-]\\d\\d:\\d\\d");
            return offset
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "`" + name + "` must be a date such as 2026-01-31, or a time such as 2026-01-31T10:00:00Z", e);
        }
    }

    private static int limit(@Nullable String asked) {
        try {
            return asked == null || asked.isBlank()
                    ? USUAL_LIMIT
                    : Math.clamp(Integer.parseInt(asked.strip()), 1, MOST);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("`limit` must be a whole number, such as 100", e);
        }
    }

    JsonArray answer(Connection connection) throws SQLException {
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        String from = " FROM spend JOIN spend_contexts c ON c.id = spend.context" + where;
        String sql = summarizedUntil == null
                ? "SELECT *" + from + " ORDER BY start_millis DESC, request_id DESC LIMIT " + limit
                : "SELECT start_millis / " + DAY_MILLIS + " AS day, api_key, user_id, model, SUM(spend_nanos) AS nanos"
                        + from + " GROUP BY day, api_key, user_id, model";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            try (ResultSet rows = select.executeQuery()) {
                return summarizedUntil == null ? logs(rows) : days(rows, summarizedUntil);
            }
        }
    }

    private static JsonArray logs(ResultSet rows) throws SQLException {
        JsonArray found = new JsonArray();
        while (rows.next()) {
            found.add(SpendLog.json(rows));
        }
        return found;
    }

    /** Days up to the end that have no row, but follow one that has, are listed with nothing spent. */
    private static JsonArray days(ResultSet rows, LocalDate last) throws SQLException {
        Map<LocalDate, Day> days = new TreeMap<>();
        while (rows.next()) {
            days.computeIfAbsent(LocalDate.ofEpochDay(rows.getLong("day")), _ -> new Day())
                    .add(text(rows, "api_key"), text(rows, "user_id"), rows.getString("model"), rows.getLong("nanos"));
        }
        JsonArray answer = new JsonArray();
        LocalDate next = null;
        for (Entry<LocalDate, Day> day : days.entrySet()) {
            answer.add(day.getValue().json(day.getKey()));
            next = day.getKey().plusDays(1);
        }
        for (; next != null && !next.isAfter(last) && answer.size() < USUAL_LIMIT; next = next.plusDays(1)) {
            answer.add(new Day().json(next));
        }
        return answer;
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    private static final class Day {
        private long nanos;
        private final Map<String, Long> keys = new TreeMap<>();
        private final Map<String, Long> users = new TreeMap<>();
        private final Map<String, Long> models = new TreeMap<>();

        void add(String key, String user, String model, long spent) {
            nanos += spent;
            keys.merge(key, spent, Long::sum);
            users.merge(user, spent, Long::sum);
            models.merge(model, spent, Long::sum);
        }

        JsonObject json(LocalDate day) {
            return dollars(keys)
                    .put("startTime", day.toString())
                    .put("spend", SpendLog.dollars(nanos))
                    .put("users", dollars(users))
                    .put("models", dollars(models));
        }

        private static JsonObject dollars(Map<String, Long> spent) {
            JsonObject object = new JsonObject();
            spent.forEach((name, nanos) -> object.put(name, SpendLog.dollars(nanos)));
            return object;
        }
    }
}
