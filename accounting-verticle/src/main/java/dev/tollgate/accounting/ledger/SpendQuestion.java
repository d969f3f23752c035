package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.price.Money;
import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
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
 * One {@code GET /spend/logs}, as LiteLLM means it: rows newest first, filtered by {@code request_id} (a call with its earlier
 * parts), {@code api_key} (a key itself
 * is hashed first), {@code user_id}, {@code team_id}, {@code end_user} and time. With both {@code start_date} and {@code end_date}, and unless {@code summarize=false},
 * it is one object a day instead: the spend of the day, and of each key, user and model. Dates are UTC; an end date means its whole
 * day.
 */
final class SpendQuestion {
    private static final int USUAL_LIMIT = 1_000;
    private static final int MOST = 100_000;

    private final Sql sql;
    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private final int limit;
    private final @Nullable LocalDate summarizedUntil;

    private final boolean fromSums;

    private SpendQuestion(Sql sql, Map<String, String> filter, Query.Scope scope) {
        this.sql = sql;
        String key = filter.get("api_key");
        where("api_key = ?", key == null ? null : hash(key));
        where("user_id = ?", filter.get("user_id"));
        where("team_id = ?", filter.get("team_id"));
        String endUser = filter.get("end_user");
        where("end_user = ?", endUser);
        own(scope);
        // An empty hash is nobody's, and must not be left out as an empty filter is.
        if (scope.keyHash() != null) {
            where("api_key = ?", scope.keyHash().isBlank() ? "-" : scope.keyHash());
        }
        String id = filter.get("request_id");
        if (id != null && !id.isBlank()) {
            conditions.add(call(sql, id, values));
        }
        Instant from = instant("start_date", filter.get("start_date"), 0);
        Instant until = instant("end_date", filter.get("end_date"), 1);
        limit = limit(filter.get("limit"));
        summarizedUntil = from == null || until == null || "false".equalsIgnoreCase(filter.get("summarize"))
                ? null
                : LocalDate.ofInstant(until.minusMillis(1), ZoneOffset.UTC);
        boolean rows = given(id) || given(endUser);
        fromSums = summarizedUntil != null && !rows && wholeDay(from) && wholeDay(until);
        if (fromSums) {
            where("day >= ?", sql.day(LocalDate.ofInstant(from, ZoneOffset.UTC)));
            where("day < ?", sql.day(LocalDate.ofInstant(until, ZoneOffset.UTC)));
        } else {
            where("start_millis >= ?", from == null ? null : from.toEpochMilli());
            where("start_millis < ?", until == null ? null : until.toEpochMilli());
        }
    }

    /** A key is known by its hash; a hash stays what it is. */
    static String hash(String key) {
        return key.startsWith("sk-") ? HexFormat.of().formatHex(Digest.sha256(key)) : key;
    }

    private static boolean given(@Nullable String text) {
        return text != null && !text.isBlank();
    }

    private static boolean wholeDay(@Nullable Instant time) {
        return time != null && time.toEpochMilli() % DailySpend.DAY_MILLIS == 0;
    }

    /**
     * Reads the parameters.
     *
     * @throws IllegalArgumentException when a date or the limit is none
     */
    static SpendQuestion of(Sql sql, Map<String, String> filter, Query.Scope scope) {
        return new SpendQuestion(sql, filter, scope);
    }

    private void own(Query.Scope scope) {
        if (scope.user() != null) {
            conditions.add(own(sql, scope, values));
        }
    }

    /** What a user may see: their own, and that of their teams. Adds the values of its parameters. */
    static String own(Sql sql, Query.Scope scope, List<Object> values) {
        values.add(String.valueOf(scope.user()));
        StringBuilder condition = new StringBuilder("(user_id = ").append(sql.parameter(values.size()));
        String join = " OR team_id IN (";
        for (String team : scope.teams()) {
            values.add(team);
            condition.append(join).append(sql.parameter(values.size()));
            join = ", ";
        }
        return condition.append(scope.teams().isEmpty() ? ")" : "))").toString();
    }

    /** A call with its earlier parts, or one of these by itself. Adds the values of its parameters. */
    static String call(Sql sql, String id, List<Object> values) {
        Object stored = sql.requestId(id);
        values.add(stored);
        String itself = "request_id = " + sql.parameter(values.size());
        values.add(stored);
        return "(" + itself + " OR part_of = " + sql.parameter(values.size()) + ")";
    }

    private void where(String condition, @Nullable Object value) {
        if (value != null && !(value instanceof String text && text.isBlank())) {
            values.add(value);
            conditions.add(condition.replace("?", sql.parameter(values.size())));
        }
    }

    /** A date, then {@code days} later; or a time with or without an offset, as it is. */
    static @Nullable Instant instant(String name, @Nullable String given, int days) {
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

    String statement() {
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        if (fromSums) {
            return "SELECT day, api_key, user_id, model, spend_nanos AS nanos FROM " + sql.table("spend_daily") + where;
        }
        String from = " FROM " + sql.table("spend") + " s JOIN " + sql.table("spend_contexts")
                + " c ON c.id = s.context" + where;
        return summarizedUntil == null
                ? "SELECT *" + from + " ORDER BY start_millis DESC, request_id DESC LIMIT " + limit
                : "SELECT " + sql.startDay() + " AS day, api_key, user_id, model, SUM(spend_nanos) AS nanos" + from
                        + " GROUP BY 1, c.id";
    }

    /** The statement's parameters, in their order. */
    List<Object> values() {
        return values;
    }

    /** Takes the rows that the statement found, and gives what the client is answered. */
    Answer answer() {
        return new Answer(sql, summarizedUntil);
    }

    /** Rows on their way to the client. */
    static final class Answer {
        private final Sql sql;
        private final @Nullable LocalDate last;
        private final JsonArray logs = new JsonArray();
        private final Map<LocalDate, Day> days = new TreeMap<>();

        Answer(Sql sql, @Nullable LocalDate last) {
            this.sql = sql;
            this.last = last;
        }

        void add(Columns row) {
            if (last == null) {
                logs.add(SpendLog.json(row, sql.requestId(row)));
            } else {
                days.computeIfAbsent(LocalDate.parse(row.textOrEmpty("day")), _ -> new Day())
                        .add(
                                row.textOrEmpty("api_key"),
                                row.textOrEmpty("user_id"),
                                row.textOrEmpty("model"),
                                row.whole("nanos"));
            }
        }

        /** Days up to the end that have no row, but follow one that has, are listed with nothing spent. */
        JsonArray json() {
            if (last == null) {
                return logs;
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
                    .put("spend", Money.dollars(nanos))
                    .put("users", dollars(users))
                    .put("models", dollars(models));
        }

        private static JsonObject dollars(Map<String, Long> spent) {
            JsonObject object = new JsonObject();
            spent.forEach((name, nanos) -> object.put(name, Money.dollars(nanos)));
            return object;
        }
    }
}
