package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * {@code general_settings}, and of {@code litellm_settings} what concerns the server.
 *
 * @param masterKey the admin key, or null: the gateway is open
 * @param keyHeader {@code litellm_key_header_name}, lower case, or null
 * @param maxRequestBytes largest request body in bytes; 100 MiB by default
 * @param metricsNeedKey whether {@code /metrics} asks for the key when there is one; true by default
 * @param jsonLogs whether log lines are JSON
 * @param verbose whether to log at debug level
 * @param store where spend is kept, or null: in the embedded store; read once, at the start
 * @param health health checks in the background
 * @param connectTimeout {@code upstream_connect_timeout}: how long a connection to a provider may take to open; 10 s by default
 * @param budgets how money is looked after
 * @param making what is said about keys, users and teams that are made
 * @param drain {@code drain_timeout}: how long calls under way may take to end when the program is told to stop; 20 s by default
 * @param retention how long spend rows are kept, or null: for ever
 */
public record GeneralSettings(
        @Nullable Secret masterKey,
        @Nullable String keyHeader,
        long maxRequestBytes,
        boolean metricsNeedKey,
        boolean jsonLogs,
        boolean verbose,
        @Nullable StoreUrl store,
        HealthChecks health,
        Duration connectTimeout,
        BudgetSettings budgets,
        MakingSettings making,
        Duration drain,
        @Nullable Retention retention) {

    /**
     * How long spend rows are kept.
     *
     * @param period {@code maximum_spend_logs_retention_period}: older rows are deleted; sums and balances stay
     * @param interval {@code maximum_spend_logs_retention_interval}: wait between two rounds; a day by default
     */
    public record Retention(Duration period, Duration interval) {}

    /**
     * Health checks that nobody asked for.
     *
     * @param background {@code background_health_checks}: whether they are made
     * @param interval {@code health_check_interval}: wait between two rounds; 300 s by default
     * @param routing {@code enable_health_check_routing}: whether those that failed are avoided
     */
    public record HealthChecks(boolean background, Duration interval, boolean routing) {
        /** None. */
        public static final HealthChecks OFF = new HealthChecks(false, Duration.ofMinutes(5), false);
    }

    /** Without health checks in the background, connecting as usual. */
    public GeneralSettings(
            @Nullable Secret masterKey,
            @Nullable String keyHeader,
            long maxRequestBytes,
            boolean metricsNeedKey,
            boolean jsonLogs,
            boolean verbose,
            @Nullable StoreUrl store) {
        this(
                masterKey,
                keyHeader,
                maxRequestBytes,
                metricsNeedKey,
                jsonLogs,
                verbose,
                store,
                HealthChecks.OFF,
                Duration.ofSeconds(10),
                BudgetSettings.DEFAULT,
                MakingSettings.NONE,
                Duration.ofSeconds(20),
                null);
    }

    /** LiteLLM's defaults, open. */
    public static final GeneralSettings DEFAULT = new GeneralSettings(null, null, 100L << 20, true, false, false, null);
}
