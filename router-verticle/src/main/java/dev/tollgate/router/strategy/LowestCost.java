package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.random.RandomGenerator;

/** {@code cost-based-routing}: the lowest price of an input and an output token together. */
public final class LowestCost implements Strategy {
    private final Lowest lowest;

    LowestCost(Pricing pricing, RandomGenerator random) {
        this.lowest = new Lowest("USD for an input and an output token", pricing::ofBothTokens, random);
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
