package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.math.BigDecimal;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * {@code cost-based-routing}: the lowest price of an input and an output token together, in USD, of those within their limits. Only
 * prices configured with the deployment count; an unknown one counts as 5 USD a token, as in LiteLLM.
 */
public final class LowestCost implements Strategy {
    private static final double UNKNOWN = 5.0;

    private final Limits limits;
    private final RandomGenerator random;

    LowestCost(Limits limits, RandomGenerator random) {
        this.limits = limits;
        this.random = random;
    }

    @Override
    public boolean allows(Deployment deployment) {
        return limits.allow(deployment);
    }

    @Override
    public Deployment choose(List<Deployment> candidates, boolean stream) {
        return Lowest.of(candidates, LowestCost::price, random);
    }

    private static double price(Deployment deployment) {
        return price(deployment, "input_cost_per_token") + price(deployment, "output_cost_per_token");
    }

    private static double price(Deployment deployment, String name) {
        BigDecimal price = deployment.prices().get(name);
        return price == null ? UNKNOWN : price.doubleValue();
    }
}
