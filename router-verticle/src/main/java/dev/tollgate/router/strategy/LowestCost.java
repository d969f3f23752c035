package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.random.RandomGenerator;

/** {@code cost-based-routing}: the lowest price of an input and an output token together. */
public final class LowestCost implements Strategy {
    private final Lowest lowest;

    LowestCost(Pricing pricing, RandomGenerator random) {
        this.lowest =
                new Lowest("USD for an input and an output token", (each, _) -> pricing.ofBothTokens(each), random);
    }

    @Override
    public Deployment choose(Seats candidates, boolean stream) {
        return lowest.of(candidates);
    }

    @Override
    public Standing standing(Seats candidates, boolean stream) {
        return lowest.standing(candidates);
    }
}
