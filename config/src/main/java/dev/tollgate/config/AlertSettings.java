package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where to say what somebody should look at; the log is always told.
 *
 * @param slack Slack's incoming webhook, when {@code alerting} names {@code slack} and {@code SLACK_WEBHOOK_URL} is set, or null
 * @param webhook any other address, when {@code alerting} names {@code webhook} and {@code WEBHOOK_URL} is set, or null
 * @param again after how long the same thing is said again; a day, as in LiteLLM
 * @param types {@code alert_types}: LiteLLM's types of alerts that are sent; empty: all
 * @param slow {@code alerting_threshold}: what takes longer is worth an alert; 300 s by default
 * @param places {@code alert_to_webhook_url}: by type, Slack's incoming webhooks that are used instead of {@code slack}
 */
public record AlertSettings(
        @Nullable Secret slack,
        @Nullable Secret webhook,
        Duration again,
        Set<String> types,
        Duration slow,
        Map<String, List<Secret>> places) {
    /** Only the log. */
    public static final AlertSettings DEFAULT = new AlertSettings(null, null, Duration.ofDays(1));

    public AlertSettings {
        types = Set.copyOf(types);
        places = Map.copyOf(places);
    }

    /** All types go to the same places. */
    public AlertSettings(@Nullable Secret slack, @Nullable Secret webhook, Duration again) {
        this(slack, webhook, again, Set.of(), Duration.ofMinutes(5), Map.of());
    }

    /** Whether alerts of this type leave the log. */
    public boolean sends(String type) {
        return types.isEmpty() || types.contains(type);
    }

    /** Slack's addresses for this type. */
    public List<Secret> slack(String type) {
        List<Secret> own = places.get(type);
        return own != null ? own : slack == null ? List.of() : List.of(slack);
    }
}
