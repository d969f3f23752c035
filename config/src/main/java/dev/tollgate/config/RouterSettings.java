package dev.tollgate.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * @param latency {@code routing_strategy_args}
 * @param tags how tags choose among deployments
 * @param retryPolicy retries by LiteLLM's exception class ({@code RateLimitError}); wins over {@code numRetries}
 * @param groupRetryPolicies the same for single groups; wins over {@code retryPolicy}
 * @param allowedFailsPolicy allowed failures a minute by LiteLLM's exception class; wins over {@code allowedFails}
 * @param trying what else is tried
 * @param choosing what narrows the choice among a group's deployments
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
        int maxFallbacks,
        Latency latency,
        Tags tags,
        Map<String, Integer> retryPolicy,
        Map<String, Map<String, Integer>> groupRetryPolicies,
        Map<String, Integer> allowedFailsPolicy,
        Trying trying,
        Choosing choosing) {

    /**
     * What else is tried.
     *
     * @param midStreamFallbacks {@code mid_stream_fallbacks}: whether a stream that breaks is carried on elsewhere; true by default
     * @param hedging when a second attempt is made while the first is under way
     * @param minStreamRate {@code min_stream_rate}: a stream of fewer events a second counts as stalled; 0, the default: none does
     */
    public record Trying(boolean midStreamFallbacks, Hedging hedging, double minStreamRate) {
        /** As LiteLLM does. */
        public static final Trying DEFAULT = new Trying(true, Hedging.OFF);

        /** Streams may be as slow as they like. */
        public Trying(boolean midStreamFallbacks, Hedging hedging) {
            this(midStreamFallbacks, hedging, 0);
        }
    }

    /**
     * {@code hedging}: a second attempt elsewhere when the first is slow.
     *
     * @param enabled off by default
     * @param percentile share (0 to 1) of a deployment's latest times that an attempt must exceed; 0.95 by default
     * @param maxShare most second attempts for each attempt; 0.05 by default
     * @param minDelay least wait for the first; 50 ms by default
     */
    public record Hedging(boolean enabled, double percentile, double maxShare, Duration minDelay) {
        /** None. */
        public static final Hedging OFF = new Hedging(false, 0.95, 0.05, Duration.ofMillis(50));
    }

    /**
     * What {@code latency-based-routing} goes by.
     *
     * @param samples how many of the latest measurements count ({@code max_latency_list_size}, 10)
     * @param ttl how long a measurement counts ({@code ttl}, an hour)
     * @param buffer share of the best time by which others may be slower and still be used ({@code lowest_latency_buffer}, 0)
     * @param firstTokenPercentile percentile of the times to the first token, from 0 to 100 ({@code ttft_percentile}), or null:
     *     their mean
     */
    public record Latency(
            int samples,
            Duration ttl,
            double buffer,
            @Nullable Double firstTokenPercentile) {
        /** LiteLLM's defaults. */
        public static final Latency DEFAULT = new Latency(10, Duration.ofHours(1), 0, null);
    }

    /**
     * Tag routing.
     *
     * @param enabled {@code enable_tag_filtering}
     * @param matchAny {@code tag_filtering_match_any}: whether one tag of the request is enough; true by default
     * @param prefix {@code tag_routing_prefix}: taken off a request's tags that begin with it; empty by default
     */
    public record Tags(boolean enabled, boolean matchAny, String prefix) {
        /** Off. */
        public static final Tags DEFAULT = new Tags(false, true, "");
    }

    /** What calls are kept together by ({@code optional_pre_call_checks}). */
    public enum Affinity {
        /** {@code prompt_caching}: the cacheable beginning of the prompt. */
        PROMPT_CACHING,
        /** {@code session_affinity}: the session that the client names. */
        SESSION,
        /** {@code deployment_affinity}: the caller's key. */
        DEPLOYMENT
    }

    /**
     * What narrows the choice among a group's deployments.
     *
     * @param preCallChecks {@code enable_pre_call_checks}
     * @param enforceLimits {@code optional_pre_call_checks: [enforce_model_rate_limits]}: {@code rpm} and {@code tpm} hold under
     *     any strategy
     * @param affinity {@code optional_pre_call_checks}: what calls are kept together by
     * @param groupAffinity the same for single groups ({@code model_group_affinity_config}); wins
     * @param weightedFailover {@code enable_weighted_failover}: whether every deployment of the group is tried before fallbacks
     * @param weights {@code weights}: by deployment id, or by provider and model; before all other weights
     * @param maxParallel {@code default_max_parallel_requests}, or null
     * @param userAgents whether any deployment has a {@code tag_regex}, so that the User-Agent is read
     * @param budgets {@code provider_budget_config}: what providers may cost
     */
    public record Choosing(
            boolean preCallChecks,
            boolean enforceLimits,
            Set<Affinity> affinity,
            Map<String, Set<Affinity>> groupAffinity,
            boolean weightedFailover,
            Map<String, Double> weights,
            @Nullable Integer maxParallel,
            boolean userAgents,
            Map<String, Allowance> budgets) {
        /** Nothing narrows it. */
        public static final Choosing DEFAULT =
                new Choosing(false, false, Set.of(), Map.of(), false, Map.of(), null, false);

        public Choosing {
            affinity = Set.copyOf(affinity);
            groupAffinity = Map.copyOf(groupAffinity);
            weights = Map.copyOf(weights);
            budgets = Map.copyOf(budgets);
        }

        /** Providers may cost what they like. */
        public Choosing(
                boolean preCallChecks,
                boolean enforceLimits,
                Set<Affinity> affinity,
                Map<String, Set<Affinity>> groupAffinity,
                boolean weightedFailover,
                Map<String, Double> weights,
                @Nullable Integer maxParallel,
                boolean userAgents) {
            this(
                    preCallChecks,
                    enforceLimits,
                    affinity,
                    groupAffinity,
                    weightedFailover,
                    weights,
                    maxParallel,
                    userAgents,
                    Map.of());
        }

        /** Whether a budget must be asked before this deployment is. */
        public boolean budgeted(Deployment deployment) {
            return deployment.routing().fit().budget() != null
                    || (!budgets.isEmpty()
                            && budgets.containsKey(deployment.provider().name()));
        }
    }

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
            5,
            Latency.DEFAULT,
            Tags.DEFAULT,
            Map.of(),
            Map.of(),
            Map.of(),
            Trying.DEFAULT,
            Choosing.DEFAULT);

    public RouterSettings {
        fallbacks = Map.copyOf(fallbacks);
        defaultFallbacks = List.copyOf(defaultFallbacks);
        contextWindowFallbacks = Map.copyOf(contextWindowFallbacks);
        contentPolicyFallbacks = Map.copyOf(contentPolicyFallbacks);
        retryPolicy = Map.copyOf(retryPolicy);
        groupRetryPolicies = Map.copyOf(groupRetryPolicies);
        allowedFailsPolicy = Map.copyOf(allowedFailsPolicy);
    }

    /**
     * Under which names a table of fallbacks may have those of a group, the best first: the name that was asked for, the group it stands
     * for, that without its provider prefix, and {@code *}.
     */
    public static List<String> fallbackNames(String requested, String group) {
        int slash = group.indexOf('/');
        return slash > 0 ? List.of(requested, group, group.substring(slash + 1), "*") : List.of(requested, group, "*");
    }
}
