package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.random.RandomGenerator;

/** {@code least-busy}: the fewest attempts under way on this node; a stream is under way until its end. */
public final class LeastBusy implements Strategy {
    private final Lowest lowest;

    /** Draws from this source among equals. */
    public LeastBusy(RandomGenerator random) {
        this.lowest = new Lowest(
                "attempts under way", (candidate, _) -> candidate.load().inFlight(), 0, random);
    }

    @Override
    public Deployment choose(Seats candidates, boolean stream) {
        return lowest.of(candidates, 0);
    }

    @Override
    public Standing standing(Seats candidates, boolean stream) {
        return lowest.standing(candidates, 0);
    }
}
