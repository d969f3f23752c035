package dev.tollgate.router.strategy;

import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.random.RandomGenerator;

/** {@code least-busy}: the fewest attempts under way on this lane; a stream is under way until its end. */
public final class LeastBusy implements Strategy {
    private final LoadBoard board;
    private final RandomGenerator random;

    /** Draws from this source among equals. */
    public LeastBusy(LoadBoard board, RandomGenerator random) {
        this.board = board;
        this.random = random;
    }

    @Override
    public Deployment choose(List<Deployment> candidates, boolean stream) {
        return Lowest.of(candidates, each -> board.load(each.id()).inFlight(), random);
    }
}
