package dev.tollgate.accounting.ledger;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One stored row as LiteLLM's {@code LiteLLM_SpendLogs}; what it has no field for stands under {@code metadata}. */
final class SpendLog {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private SpendLog() {}

    /** Nano-dollars as dollars, exactly. */
    static BigDecimal dollars(long nanos) {
        return BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
    }

    private static String time(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis));
    }

    static JsonObject json(ResultSet row) throws SQLException {
        long start = row.getLong("start_millis");
        double first = row.getDouble("first_token_ms");
        boolean begun = !row.wasNull();
        String tags = row.getString("request_tags");
        return new JsonObject()
                .put("request_id", RequestId.text(row.getObject("request_id")))
                .put("call_type", row.getString("call_type"))
                .put("api_key", orEmpty(row.getString("api_key")))
                .put("spend", dollars(row.getLong("spend_nanos")))
                .put("total_tokens", row.getLong("prompt_tokens") + row.getLong("completion_tokens"))
                .put("prompt_tokens", row.getLong("prompt_tokens"))
                .put("completion_tokens", row.getLong("completion_tokens"))
                .put("startTime", time(start))
                .put("endTime", time(start + Math.round(row.getDouble("duration_ms"))))
                .put("completionStartTime", begun ? time(start + Math.round(first)) : null)
                .put("model", row.getString("model"))
                .put("model_id", row.getString("model_id"))
                .put("model_group", row.getString("model_group"))
                .put("custom_llm_provider", row.getString("provider"))
                .put("api_base", row.getString("api_base"))
                .put("user", orEmpty(row.getString("user_id")))
                .put("team_id", row.getString("team_id"))
                .put("end_user", row.getString("end_user"))
                .put("request_tags", tags.isEmpty() ? new JsonArray() : new JsonArray(List.of(tags.split(","))))
                .put("cache_hit", "False")
                .put("status", row.getString("failure") == null ? "success" : "failure")
                .put("metadata", metadata(row));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static JsonObject metadata(ResultSet row) throws SQLException {
        return new JsonObject()
                .put("status_code", row.getInt("status"))
                .put("error", row.getString("failure"))
                .put("requested_model", row.getString("requested_model"))
                .put("route", row.getString("route"))
                .put("priced", row.getInt("priced") == 1)
                .put("stream", row.getInt("stream") == 1)
                .put("duration_ms", row.getDouble("duration_ms"))
                .put("cache_read_tokens", row.getLong("cache_read_tokens"))
                .put("cache_write_tokens", row.getLong("cache_write_tokens"))
                .put("reasoning_tokens", row.getLong("reasoning_tokens"))
                .put("usage_reported", row.getInt("usage_reported") == 1);
    }
}
