package dev.tollgate.accounting.ledger;

import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One {@code GET /spend/logs/v2}: a page of rows, with how many there are. */
final class SpendPage {
    private static final Map<String, String> EQUAL = Map.of(
            "user_id", "user_id",
            "team_id", "team_id",
            "end_user", "end_user",
            "model", "model",
            "model_id", "model_id",
            "model_group", "model_group",
            "error_message", "failure");
    private static final Map<String, String> SORTS = Map.of(
            "startTime", "start_millis",
            "endTime", "start_millis + duration_ms",
            "request_duration_ms", "duration_ms",
            "spend", "spend_nanos",
            "total_tokens", "prompt_tokens + completion_tokens",
            "model", "model",
            "ttft_ms", "first_token_ms");
    private static final int USUAL_SIZE = 50;
    private static final int MOST = 1_000;

    private final Sql sql;
    private final StringBuilder where = new StringBuilder();
    private final List<Object> values = new ArrayList<>();
    private final String order;
    private final int page;
    private final int size;

    /**
     * Reads the parameters.
     *
     * @throws IllegalArgumentException when one cannot be understood
     */
    SpendPage(Sql sql, Map<String, String> filter, Query.Scope scope) {
        this.sql = sql;
        EQUAL.forEach((parameter, column) -> where(column + " = ?", given(filter, parameter)));
        String key = given(filter, "api_key");
        where("api_key = ?", key == null ? null : SpendQuestion.hash(key));
        String id = given(filter, "request_id");
        if (id != null) {
            where.append(where.isEmpty() ? " WHERE " : " AND ").append(SpendQuestion.call(sql, id, values));
        }
        if (scope.user() != null) {
            where.append(where.isEmpty() ? " WHERE " : " AND ").append(SpendQuestion.own(sql, scope, values));
        }
        where("api_key = ?", scope.keyHash());
        Instant from = SpendQuestion.instant("start_date", filter.get("start_date"), 0);
        Instant until = SpendQuestion.instant("end_date", filter.get("end_date"), 1);
        where("start_millis >= ?", from == null ? null : (Long) from.toEpochMilli());
        where("start_millis < ?", until == null ? null : (Long) until.toEpochMilli());
        where("spend_nanos >= ?", nanos(filter, "min_spend"));
        where("spend_nanos <= ?", nanos(filter, "max_spend"));
        status(given(filter, "status_filter"));
        page = number(filter, "page", 1, Integer.MAX_VALUE);
        size = number(filter, "page_size", USUAL_SIZE, MOST);
        order = order(filter);
    }

    private void status(@Nullable String status) {
        if (status != null) {
            where.append(where.isEmpty() ? " WHERE " : " AND ").append("failure IS ");
            where.append(
                    switch (status) {
                        case "success" -> "NULL";
                        case "failure" -> "NOT NULL";
                        default -> throw new IllegalArgumentException("`status_filter` must be `success` or `failure`");
                    });
        }
    }

    private static String order(Map<String, String> filter) {
        String by = filter.getOrDefault("sort_by", "startTime");
        String column = SORTS.get(by);
        String direction = filter.getOrDefault("sort_order", "desc").toLowerCase(Locale.ROOT);
        if (column == null) {
            throw new IllegalArgumentException("`sort_by` must be one of "
                    + String.join(", ", SORTS.keySet().stream().sorted().toList()));
        }
        if (!direction.equals("asc") && !direction.equals("desc")) {
            throw new IllegalArgumentException("`sort_order` must be `asc` or `desc`");
        }
        return " ORDER BY " + column + " " + direction + ", request_id " + direction;
    }

    private static @Nullable String given(Map<String, String> filter, String name) {
        String value = filter.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    private static @Nullable Long nanos(Map<String, String> filter, String name) {
        String dollars = given(filter, name);
        try {
            return dollars == null
                    ? null
                    : new BigDecimal(dollars.strip())
                            .movePointRight(9)
                            .setScale(0, RoundingMode.HALF_UP)
                            .longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("`" + name + "` must be an amount in dollars, such as 0.01", e);
        }
    }

    private static int number(Map<String, String> filter, String name, int usual, int most) {
        String text = given(filter, name);
        try {
            int number = text == null ? usual : Integer.parseInt(text.strip());
            if (number < 1) {
                throw new IllegalArgumentException("`" + name + "` must be 1 or more");
            }
            return Math.min(number, most);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("`" + name + "` must be a whole number, such as 1", e);
        }
    }

    private void where(String condition, @Nullable Object value) {
        if (value != null) {
            values.add(value);
            where.append(where.isEmpty() ? " WHERE " : " AND ")
                    .append(condition.replace("?", sql.parameter(values.size())));
        }
    }

    private String from() {
        return " FROM " + sql.table("spend") + " s JOIN " + sql.table("spend_contexts") + " c ON c.id = s.context"
                + where;
    }

    /** Asks how many there are. */
    String countStatement() {
        return "SELECT COUNT(*) AS found" + from();
    }

    /** Asks for those of the page. */
    String statement() {
        return "SELECT *" + from() + order + " LIMIT " + size + " OFFSET " + (page - 1L) * size;
    }

    /** Parameters of both. */
    List<Object> values() {
        return values;
    }

    JsonObject json(long found, JsonArray rows) {
        return new JsonObject()
                .put("data", rows)
                .put("total", found)
                .put("page", page)
                .put("page_size", size)
                .put("total_pages", (found + size - 1) / size);
    }
}
