package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import java.util.function.LongSupplier;

/**
 * Whether a deployment has requests and tokens left in this minute of the clock, by its own {@code rpm} and {@code tpm}, and room for
 * one more attempt, by {@code max_parallel_requests}. All lanes of the node count together; two lanes that ask in the same instant
 * may both take the last place.
 *
 * <p>{@code rpm} and {@code tpm} hold under strategies that keep them and with {@code enforce_model_rate_limits}; with
 * {@code enable_pre_call_checks} {@code rpm} does. A call's tokens are known when it is over, so a deployment is over its
 * {@code tpm} once that is reached.
 */
final class Limits {
    private final LongSupplier clock;
    private final boolean keepsRpm;
    private final boolean keepsTpm;

    /** Whether requests count when they begin, and not when they have succeeded. */
    private final boolean begun;

    private final int usualParallel;

    Limits(LongSupplier clock, RouterSettings settings) {
        this.clock = clock;
        boolean strategyKeeps = switch (settings.strategy()) {
            case "simple-shuffle", "provider-budget-routing", "least-busy" -> false;
            default -> true;
        };
        RouterSettings.Choosing choosing = settings.choosing();
        this.keepsTpm = strategyKeeps || choosing.enforceLimits();
        this.keepsRpm = keepsTpm || choosing.preCallChecks();
        this.begun = choosing.enforceLimits() || !settings.strategy().equals("usage-based-routing");
        this.usualParallel = choosing.maxParallel() == null ? Integer.MAX_VALUE : choosing.maxParallel();
    }

    /** Milliseconds since 1970: read once for a choice among many, because it costs more than the rest of a verdict. */
    long now() {
        return clock.getAsLong();
    }

    Verdict of(Deployment deployment, Load load, long now) {
        Deployment.Routing routing = deployment.routing();
        Long rpm = keepsRpm ? routing.rpm() : null;
        Long tpm = keepsTpm ? routing.tpm() : null;
        Integer own = routing.fit().maxParallel();
        int parallel = own == null ? usualParallel : own;
        if (rpm == null && tpm == null && parallel == Integer.MAX_VALUE) {
            return Verdict.CANDIDATE;
        }
        if (rpm != null && (begun ? load.begunThisMinute(now) : load.succeededThisMinute(now)) >= rpm) {
            return Verdict.OVER_RPM;
        }
        if (tpm != null && load.tokensThisMinute(now) >= tpm) {
            return Verdict.OVER_TPM;
        }
        return parallel != Integer.MAX_VALUE && load.inFlight() >= parallel ? Verdict.BUSY : Verdict.CANDIDATE;
    }
}
