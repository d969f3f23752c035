package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * {@code usage-based-routing}: the fewest tokens in this minute, of those within their limits. Requests count when they have
 * succeeded, so a burst can pass {@code rpm}; {@link LowestUsageV2} does not let it.
 */
public final class LowestUsage implements Strategy {
    private final Limits limits;
    private final RandomGenerator random;

    LowestUsage(Limits limits, RandomGenerator random) {
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
