package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** {@code cost-based-routing}: the lowest price of an input and an output token together. */
public final class LowestCost implements Strategy {
    private final Pricing pricing;
    private final ToDoubleFunction<Deployment> price;
    private final Lowest lowest;

    LowestCost(Pricing pricing, RandomGenerator random) {
        this.pricing = pricing;
        this.price = pricing::ofBothTokens;
        this.lowest = new Lowest("USD for an input and an output token", (candidate, _) -> price(candidate), 0, random);
    }

    /** Reading decimals anew for each choice would be most of its cost. */
    private double price(Seat candidate) {
        return candidate.worth(pricing.edition(), price);
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
