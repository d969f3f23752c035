package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where to say what somebody should look at; the log is always told.
 *
 * @param slack Slack's incoming webhook, when {@code alerting} names {@code slack} and {@code SLACK_WEBHOOK_URL} is set, or null
 * @param webhook any other address, when {@code alerting} names {@code webhook} and {@code WEBHOOK_URL} is set, or null
 * @param again after how long the same thing is said again; a day, as in LiteLLM
 */
public record AlertSettings(
        @Nullable Secret slack, @Nullable Secret webhook, Duration again) {
    /** Only the log. */
    public static final AlertSettings DEFAULT = new AlertSettings(null, null, Duration.ofDays(1));
}
