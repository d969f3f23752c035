package dev.tollgate.router.strategy;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import java.util.function.LongSupplier;

/**
 * Whether a deployment has requests and tokens left in this minute of the clock, by its own {@code rpm} and {@code tpm}.
 *
 * <p>A call's tokens are known when it is over, so a deployment is over its {@code tpm} once that is reached; LiteLLM counts the
 * prompt with a tokenizer first. Each lane counts for itself.
 */
final class Limits {
    private final LoadBoard board;
    private final LongSupplier clock;
    private final boolean begun;

    /** {@code begun}: count requests when they begin, and not when they have succeeded. */
    Limits(LoadBoard board, LongSupplier clock, boolean begun) {
        this.board = board;
        this.clock = clock;
        this.begun = begun;
    }

    boolean allow(Deployment deployment) {
        Long rpm = deployment.routing().rpm();
        Long tpm = deployment.routing().tpm();
        if (rpm == null && tpm == null) {
            return true;
        }
        long now = clock.getAsLong();
        Load load = board.load(deployment.id());
        long requests = begun ? load.begunThisMinute(now) : load.succeededThisMinute(now);
        return (rpm == null || requests < rpm) && (tpm == null || load.tokensThisMinute(now) < tpm);
    }

    long tokens(Deployment deployment) {
        return board.load(deployment.id()).tokensThisMinute(clock.getAsLong());
    }
}
