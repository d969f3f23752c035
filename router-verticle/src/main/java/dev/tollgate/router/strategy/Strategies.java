package dev.tollgate.router.strategy;

import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.RouterSettings;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Makes the strategy that {@code routing_strategy} names. */
public final class Strategies {
    private final LoadBoard board;
    private final LongSupplier clock;
    private final RandomGenerator random;

    /** For one lane; the clock tells milliseconds since 1970. */
    public Strategies(LoadBoard board, LongSupplier clock, RandomGenerator random) {
        this.board = board;
        this.clock = clock;
        this.random = random;
    }

    /** The configuration lets only names pass that are known here. */
    public Strategy of(RouterSettings settings) {
        return switch (settings.strategy()) {
            case "simple-shuffle", "provider-budget-routing" -> new SimpleShuffle(random);
            case "least-busy" -> new LeastBusy(board, random);
            case "latency-based-routing" -> new LowestLatency(board, limits(true), settings.latency(), clock, random);
            case "usage-based-routing" -> new LowestUsage(limits(false), random);
            case "usage-based-routing-v2" -> new LowestUsageV2(limits(true), random);
            case "cost-based-routing" -> new LowestCost(limits(true), random);
            default -> throw new IllegalArgumentException("Unknown routing strategy " + settings.strategy());
        };
    }

    private Limits limits(boolean begun) {
        return new Limits(board, clock, begun);
    }
}
