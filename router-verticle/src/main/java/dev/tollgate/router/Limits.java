package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.router.strategy.Seat;
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

    Verdict of(Seat member, long now) {
        Load load = member.load();
        if (keepsRpm
                && member.rpm() != Long.MAX_VALUE
                && (begun ? load.begunThisMinute(now) : load.succeededThisMinute(now)) >= member.rpm()) {
            return Verdict.OVER_RPM;
        }
        if (keepsTpm && member.tpm() != Long.MAX_VALUE && load.tokensThisMinute(now) >= member.tpm()) {
            return Verdict.OVER_TPM;
        }
        int parallel = member.parallel() == Integer.MAX_VALUE ? usualParallel : member.parallel();
        return parallel != Integer.MAX_VALUE && load.inFlight() >= parallel ? Verdict.BUSY : Verdict.CANDIDATE;
    }
}
