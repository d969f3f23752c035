package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.PriceMark;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.protocol.PartId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
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

    private static String time(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis));
    }

    static JsonObject json(Columns row, String requestId) {
        long start = row.whole("start_millis");
        String tags = row.textOrEmpty("request_tags");
        return new JsonObject()
                .put("request_id", requestId)
                .put("call_type", row.text("call_type"))
                .put("api_key", row.textOrEmpty("api_key"))
                .put("spend", Money.dollars(row.whole("spend_nanos")))
                .put("total_tokens", row.whole("prompt_tokens") + row.whole("completion_tokens"))
                .put("prompt_tokens", row.whole("prompt_tokens"))
                .put("completion_tokens", row.whole("completion_tokens"))
                .put("startTime", time(start))
                .put("endTime", after(start, row.get("duration_ms")))
                .put("completionStartTime", after(start, row.get("first_token_ms")))
                .put("model", row.text("model"))
                .put("model_id", row.text("model_id"))
                .put("model_group", row.text("model_group"))
                .put("custom_llm_provider", row.text("provider"))
                .put("api_base", row.text("api_base"))
                .put("user", row.textOrEmpty("user_id"))
                .put("team_id", row.text("team_id"))
                .put("end_user", row.text("end_user"))
                .put("request_tags", tags.isEmpty() ? new JsonArray() : new JsonArray(List.of(tags.split(","))))
                .put("cache_hit", "False")
                .put("status", row.get("failure") == null ? "success" : "failure")
                .put("metadata", metadata(row).put("part_of", PartId.callOf(requestId)));
    }

    private static @Nullable String after(long start, @Nullable Object millis) {
        return millis instanceof Number number ? time(start + Math.round(number.doubleValue())) : null;
    }

    private static JsonObject metadata(Columns row) {
        PriceMark mark = PriceMark.read(row.textOrEmpty("price_version"));
        return new JsonObject()
                .put("status_code", (int) row.whole("status"))
                .put("error", row.text("failure"))
                .put("requested_model", row.text("requested_model"))
                .put("route", row.text("route"))
                .put("priced", row.flag("priced"))
                .put("stream", row.flag("stream"))
                .put("duration_ms", row.get("duration_ms"))
                .put("cache_read_tokens", row.whole("cache_read_tokens"))
                .put("cache_write_tokens", row.whole("cache_write_tokens"))
                .put("reasoning_tokens", row.whole("reasoning_tokens"))
                .put("audio_prompt_tokens", row.whole("audio_prompt_tokens"))
                .put("audio_completion_tokens", row.whole("audio_completion_tokens"))
                .put("image_prompt_tokens", PriceMark.pictures(row.get("image_prompt_tokens"), mark.imagePrompt()))
                .put(
                        "image_completion_tokens",
                        PriceMark.pictures(row.get("image_completion_tokens"), mark.imageCompletion()))
                .put("price_version", mark.version().isEmpty() ? null : mark.version())
                .put("service_tier", row.text("service_tier"))
                .put("usage_reported", row.flag("usage_reported"));
    }
}
