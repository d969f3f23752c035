package dev.tollgate.router.strategy;

import dev.tollgate.config.RouterSettings;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Makes the strategy that {@code routing_strategy} names. */
public final class Strategies {
    private final LongSupplier clock;
    private final RandomGenerator random;

    private final Pricing pricing;

    /** For one lane; the clock tells milliseconds since 1970. */
    public Strategies(LongSupplier clock, RandomGenerator random, Pricing pricing) {
        this.clock = clock;
        this.random = random;
        this.pricing = pricing;
    }

    /** The configuration lets only names pass that are known here. */
    public Strategy of(RouterSettings settings) {
        return switch (settings.strategy()) {
            case "simple-shuffle", "provider-budget-routing" ->
                new SimpleShuffle(random, settings.choosing().weights());
            case "least-busy" -> new LeastBusy(random);
            case "latency-based-routing" -> new LowestLatency(settings.latency(), clock, random);
            case "usage-based-routing", "usage-based-routing-v2" -> new LowestUsage(clock, random);
            case "cost-based-routing" -> new LowestCost(pricing, random);
            default -> throw new IllegalArgumentException("Unknown routing strategy " + settings.strategy());
        };
    }
}
