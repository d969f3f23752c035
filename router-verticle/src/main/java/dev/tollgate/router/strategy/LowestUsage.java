package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * {@code usage-based-routing} and {@code usage-based-routing-v2}: the fewest tokens in this minute. They differ in when a request
 * counts against {@code rpm}: in the first when it has succeeded, so that a burst can pass it; in the second when it begins.
 */
public final class LowestUsage implements Strategy {
    private final LongSupplier clock;
    private final Lowest lowest;

    LowestUsage(LongSupplier clock, RandomGenerator random) {
        this.clock = clock;
        this.lowest = new Lowest(
                "tokens in this minute", (candidate, now) -> candidate.load().tokensThisMinute(now), 0, random);
    }

    @Override
    public Deployment choose(Seats candidates, boolean stream) {
        return lowest.of(candidates, clock.getAsLong());
    }

    @Override
    public Standing standing(Seats candidates, boolean stream) {
        return lowest.standing(candidates, clock.getAsLong());
    }
}
