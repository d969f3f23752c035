package dev.tollgate.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code router_settings}, with what {@code litellm_settings} forwards to the router merged in (the former wins).
 *
 * @param strategy {@code routing_strategy}
 * @param numRetries retries inside a group; 2 by default
 * @param timeout per-attempt timeout; 6000 s by default
 * @param streamTimeout per-attempt timeout for streams, or null: {@code timeout}
 * @param retryAfter least wait between two attempts on the same deployment
 * @param allowedFails failures a minute that a deployment may have before it cools down, or null: LiteLLM's default rule
 * @param cooldown how long a failing deployment is left alone; 5 s by default
 * @param disableCooldowns never cool
 * @param fallbacks group to the groups tried after it; {@code *} for any
 * @param defaultFallbacks groups tried after a group without an entry
 * @param contextWindowFallbacks the same, for prompts that are too long
 * @param contentPolicyFallbacks the same, for prompts refused by policy
 * @param maxFallbacks most fallback groups for one call; 5 by default
 */
public record RouterSettings(
        String strategy,
        int numRetries,
        Duration timeout,
        @Nullable Duration streamTimeout,
        Duration retryAfter,
        @Nullable Integer allowedFails,
        Duration cooldown,
        boolean disableCooldowns,
        Map<String, List<String>> fallbacks,
        List<String> defaultFallbacks,
        Map<String, List<String>> contextWindowFallbacks,
        Map<String, List<String>> contentPolicyFallbacks,
        int maxFallbacks) {

    /** LiteLLM's defaults. */
    public static final RouterSettings DEFAULT = new RouterSettings(
            "simple-shuffle",
            2,
            Duration.ofSeconds(6000),
            null,
            Duration.ZERO,
            null,
            Duration.ofSeconds(5),
            false,
            Map.of(),
            List.of(),
            Map.of(),
            Map.of(),
            5);

    public RouterSettings {
        fallbacks = Map.copyOf(fallbacks);
        defaultFallbacks = List.copyOf(defaultFallbacks);
        contextWindowFallbacks = Map.copyOf(contextWindowFallbacks);
        contentPolicyFallbacks = Map.copyOf(contentPolicyFallbacks);
    }
}
