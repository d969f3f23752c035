package dev.tollgate.accounting.alert;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that somebody should look at.
 *
 * @param event LiteLLM's name of what happened ({@code soft_budget_crossed}, {@code budget_crossed} …), or ours ({@code unpriced_model} …)
 * @param subject what it happened to; the same event of the same subject is said once in a while
 * @param message what happened, for people
 * @param fields what happened, for programs, in the field names of LiteLLM's webhook
 * @param type LiteLLM's type of such alerts, as in {@code alert_types}
 * @param again after how long it is said again, or null: after the usual time
 */
public record Alert(
        String event,
        String subject,
        String message,
        JsonObject fields,
        String type,
        @Nullable Duration again) {
    /** One about money. */
    public Alert(String event, String subject, String message, JsonObject fields) {
        this(
                event,
                subject,
                message,
                fields,
                event.contains("budget") ? "budget_alerts" : "failed_tracking_spend",
                null);
    }
}
