package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * {@code usage-based-routing-v2}: the fewest tokens in this minute, of those within their limits. A request counts when it begins,
 * so not even a burst passes {@code rpm}.
 */
public final class LowestUsageV2 implements Strategy {
    private final Limits limits;
    private final RandomGenerator random;

    LowestUsageV2(Limits limits, RandomGenerator random) {
        this.limits = limits;
        this.random = random;
    }

    @Override
    public boolean allows(Deployment deployment) {
        return limits.allow(deployment);
    }

    @Override
    public Deployment choose(List<Deployment> candidates, boolean stream) {
        return Lowest.of(candidates, limits::tokens, random);
    }
}
