package dev.tollgate.router.strategy;

import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * {@code usage-based-routing} and {@code usage-based-routing-v2}: the fewest tokens in this minute. They differ in when a request
 * counts against {@code rpm}: in the first when it has succeeded, so that a burst can pass it; in the second when it begins.
 */
public final class LowestUsage implements Strategy {
    private final LoadBoard board;
    private final LongSupplier clock;
    private final RandomGenerator random;

    LowestUsage(LoadBoard board, LongSupplier clock, RandomGenerator random) {
        this.board = board;
        this.clock = clock;
        this.random = random;
    }

    /** The clock is read once for all candidates: it costs more than a look at one. */
    private Lowest lowest() {
        long now = clock.getAsLong();
        return new Lowest("tokens in this minute", each -> board.load(each.id()).tokensThisMinute(now), random);
    }

    @Override
    public Deployment choose(List<Deployment> candidates, boolean stream) {
        return lowest().of(candidates);
    }

    @Override
    public Standing standing(List<Deployment> candidates, boolean stream) {
        return lowest().standing(candidates);
    }
}
