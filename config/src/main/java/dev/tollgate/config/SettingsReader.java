package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code router_settings}, {@code litellm_settings} and {@code general_settings}. What both of the first two say, the first
 * decides, but for the time limit: as in LiteLLM, {@code litellm_settings.request_timeout} comes before {@code router_settings.timeout}.
 */
final class SettingsReader {
    static final List<String> STRATEGIES = List.of(
            "simple-shuffle",
            "least-busy",
            "latency-based-routing",
            "usage-based-routing",
            "usage-based-routing-v2",
            "cost-based-routing",
            "provider-budget-routing");
    private static final List<String> POLICY_ERRORS = List.of(
            "BadRequestError",
            "AuthenticationError",
            "TimeoutError",
            "RateLimitError",
            "ContentPolicyViolationError",
            "InternalServerError",
            "ServiceUnavailableError");

    private final Section router;
    private final Section library;
    private final Section general;
    private final Environment environment;
    private final Problems problems;
    private final FallbackReader fallbacks;

    SettingsReader(Section root, Environment environment, Problems problems) {
        this.router = root.section("router_settings");
        this.library = root.section("litellm_settings");
        this.general = root.section("general_settings");
        this.environment = environment;
        this.problems = problems;
        this.fallbacks = new FallbackReader(problems);
        router.warnUnknownExcept(KnownKeys.of("router_settings"), "router setting");
        library.warnUnknownExcept(KnownKeys.of("litellm_settings"), "litellm setting");
        general.warnUnknownExcept(KnownKeys.of("general_settings"), "general setting");
    }

    /** {@code more} are fallbacks that {@code model_groups} declared. */
    RouterSettings router(Map<String, List<String>> more, List<Deployment> deployments) {
        RouterSettings usual = RouterSettings.DEFAULT;
        Map<String, List<String>> plain = new LinkedHashMap<>(more);
        plain.putAll(merged("fallbacks"));
        Integer retries = either(router.integer("num_retries"), library.integer("num_retries"));
        Duration timeout = either(library.seconds("request_timeout"), router.seconds("timeout"));
        return new RouterSettings(
                strategy(),
                retries == null ? usual.numRetries() : retries,
                timeout == null ? fromEnvironment() : timeout,
                router.seconds("stream_timeout"),
                either(router.seconds("retry_after"), usual.retryAfter()),
                either(router.integer("allowed_fails"), library.integer("allowed_fails")),
                either(router.seconds("cooldown_time"), usual.cooldown()),
                Boolean.TRUE.equals(router.flag("disable_cooldowns")),
                plain,
                either(texts(router, "default_fallbacks"), texts(library, "default_fallbacks"), List.of()),
                merged("context_window_fallbacks"),
                merged("content_policy_fallbacks"),
                either(either(router.integer("max_fallbacks"), library.integer("max_fallbacks")), usual.maxFallbacks()),
                latency(),
                new RouterSettings.Tags(
                        Boolean.TRUE.equals(router.flag("enable_tag_filtering")),
                        !Boolean.FALSE.equals(router.flag("tag_filtering_match_any")),
                        either(router.text("tag_routing_prefix"), "")),
                policy(router, "retry_policy", "Retries"),
                groupPolicies(),
                policy(router, "allowed_fails_policy", "AllowedFails"),
                trying(),
                new ChoosingReader(router, problems).read(deployments));
    }

    private RouterSettings.Latency latency() {
        RouterSettings.Latency usual = RouterSettings.Latency.DEFAULT;
        Section args = router.section("routing_strategy_args");
        args.warnUnknownExcept(KnownKeys.of("routing_strategy_args"), "strategy argument");
        BigDecimal buffer = args.number("lowest_latency_buffer");
        return new RouterSettings.Latency(
                Math.max(1, either(args.integer("max_latency_list_size"), usual.samples())),
                either(args.seconds("ttl"), usual.ttl()),
                buffer == null ? usual.buffer() : buffer.doubleValue(),
                percentile(args));
    }

    private static @Nullable Double percentile(Section args) {
        BigDecimal value = args.number("ttft_percentile");
        return value == null ? null : (Double) Math.min(100, value.doubleValue());
    }

    private RouterSettings.Trying trying() {
        BigDecimal rate = router.number("min_stream_rate");
        return new RouterSettings.Trying(
                !Boolean.FALSE.equals(router.flag("mid_stream_fallbacks")),
                hedging(),
                rate == null ? 0 : rate.doubleValue());
    }

    private RouterSettings.Hedging hedging() {
        RouterSettings.Hedging usual = RouterSettings.Hedging.OFF;
        Section hedging = router.section("hedging");
        hedging.warnUnknownExcept(KnownKeys.of("hedging"), "hedging setting");
        BigDecimal percentile = hedging.number("percentile");
        BigDecimal share = hedging.number("max_share");
        Long delay = hedging.whole("min_delay_ms");
        return new RouterSettings.Hedging(
                Boolean.TRUE.equals(hedging.flag("enabled")),
                percentile == null ? usual.percentile() : Math.min(100, percentile.doubleValue()) / 100,
                share == null ? usual.maxShare() : Math.min(1, share.doubleValue()),
                delay == null ? usual.minDelay() : Duration.ofMillis(delay));
    }

    private Map<String, Map<String, Integer>> groupPolicies() {
        Map<String, Map<String, Integer>> found = new LinkedHashMap<>();
        Section groups = router.section("model_group_retry_policy");
        groups.keys().forEach(group -> found.put(group, policy(groups, group, "Retries")));
        return found;
    }

    /** {@code {RateLimitErrorRetries: 3}} as {@code {RateLimitError: 3}}. */
    private Map<String, Integer> policy(Section section, String key, String ending) {
        Map<String, Integer> found = new LinkedHashMap<>();
        Section policy = section.section(key);
        for (String name : policy.keys()) {
            String error = name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
            Integer count = policy.integer(name);
            if (!POLICY_ERRORS.contains(error) || error.equals(name)) {
                List<String> known =
                        POLICY_ERRORS.stream().map(each -> each + ending).toList();
                problems.warn(
                        policy.keyOrigin(name), "unknown policy entry `" + name + "`" + Nearest.hint(name, known));
            } else if (count != null) {
                found.put(error, count);
            }
        }
        return found;
    }

    private Duration fromEnvironment() {
        String seconds = environment.get("REQUEST_TIMEOUT");
        try {
            if (seconds == null) {
                return RouterSettings.DEFAULT.timeout();
            }
            BigDecimal value = new BigDecimal(seconds.strip());
            if (value.signum() > 0) {
                return Duration.ofMillis((long) Math.min(9e15, value.doubleValue() * 1000));
            }
            throw new NumberFormatException("not positive");
        } catch (NumberFormatException _) {
            problems.warn(null, "REQUEST_TIMEOUT is not a number of seconds and is ignored");
            return RouterSettings.DEFAULT.timeout();
        }
    }

    private String strategy() {
        String strategy = router.text("routing_strategy");
        if (strategy == null) {
            return RouterSettings.DEFAULT.strategy();
        }
        if (!STRATEGIES.contains(strategy)) {
            problems.error(
                    router.origin("routing_strategy"),
                    "unknown routing strategy `" + strategy + "`" + Nearest.hint(strategy, STRATEGIES));
        }
        return strategy;
    }

    private Map<String, List<String>> merged(String key) {
        Map<String, List<String>> all = new LinkedHashMap<>(fallbacks.read(library, key));
        all.putAll(fallbacks.read(router, key));
        return all;
    }

    private static @Nullable List<String> texts(Section section, String key) {
        return section.has(key) ? section.texts(key) : null;
    }

    GeneralSettings general() {
        String master = general.text("master_key");
        if (master != null && master.isBlank()) {
            problems.error(
                    general.origin("master_key"),
                    "`master_key` is empty: write one, or leave it out for an open gateway");
        }
        if (master == null) {
            master = environment.get("LITELLM_MASTER_KEY");
        }
        if (master == null) {
            master = environment.get("LITELLM_PROXY_KEY");
        }
        Long limit = general.whole("max_request_size_mb");
        String header = general.text("litellm_key_header_name");
        return new GeneralSettings(
                master == null ? null : Secret.of(master),
                header == null ? null : header.toLowerCase(Locale.ROOT),
                limit == null || limit == 0 ? GeneralSettings.DEFAULT.maxRequestBytes() : Math.min(limit, 2_000) << 20,
                !Boolean.FALSE.equals(library.flag("require_auth_for_metrics_endpoint")),
                on("json_logs") || "true".equalsIgnoreCase(environment.get("JSON_LOGS")),
                on("set_verbose") || "DEBUG".equalsIgnoreCase(environment.get("LITELLM_LOG")),
                store(),
                new HealthReader(general, router, problems).read(),
                connectTimeout(),
                new BudgetReader(library, general, environment, problems).read(),
                new MakingReader(library, problems).read(),
                drain(),
                new RetentionReader(general, problems).read());
    }

    private Duration connectTimeout() {
        Duration asked = general.seconds("upstream_connect_timeout");
        return asked == null || asked.isZero() ? GeneralSettings.DEFAULT.connectTimeout() : asked;
    }

    private Duration drain() {
        Duration asked = general.seconds("drain_timeout");
        return asked == null ? GeneralSettings.DEFAULT.drain() : asked;
    }

    /** Never quotes the URL, for it holds a password. */
    private @Nullable StoreUrl store() {
        String written = general.text("database_url");
        Origin origin = written == null ? null : general.origin("database_url");
        String name = written == null ? "DATABASE_URL" : "`database_url`";
        String url = written != null ? written : environment.get("DATABASE_URL");
        try {
            StoreUrl store = url == null ? null : StoreUrl.parse(url);
            if (store != null && !store.ignored().isEmpty()) {
                problems.warn(
                        origin,
                        "parameters of " + name + " that mean nothing here: " + String.join(", ", store.ignored()));
            }
            return store;
        } catch (IllegalArgumentException e) {
            problems.error(origin, name + " " + e.getMessage());
            return null;
        }
    }

    private boolean on(String key) {
        return Boolean.TRUE.equals(library.flag(key)) || Boolean.TRUE.equals(general.flag(key));
    }

    private static <T> T either(@Nullable T first, @Nullable T second, T otherwise) {
        return first != null ? first : second != null ? second : otherwise;
    }

    private static <T extends @Nullable Object> T either(@Nullable T first, T second) {
        return first != null ? first : second;
    }
}
