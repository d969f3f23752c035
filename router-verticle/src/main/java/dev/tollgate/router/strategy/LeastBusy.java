package dev.tollgate.router.strategy;

import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.random.RandomGenerator;

/** {@code least-busy}: the fewest attempts under way on this node; a stream is under way until its end. */
public final class LeastBusy implements Strategy {
    private final Lowest lowest;

    /** Draws from this source among equals. */
    public LeastBusy(LoadBoard board, RandomGenerator random) {
        this.lowest =
                new Lowest("attempts under way", each -> board.load(each.id()).inFlight(), random);
    }

    @Override
    public Deployment choose(List<Deployment> candidates, boolean stream) {
        return lowest.of(candidates);
    }

    @Override
    public Standing standing(List<Deployment> candidates, boolean stream) {
        return lowest.standing(candidates);
    }
}
