package dev.tollgate.router.strategy;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * {@code latency-based-routing}: the lowest mean of the latest measurements, in seconds a generated token; for a stream, in seconds to
 * the first chunk where a deployment has measurements of that. One without measurements scores 0, so that it is tried. Draws among
 * those that are within the buffer of the best.
 *
 * <p>Each measurement is forgotten after {@code ttl}. In LiteLLM a group's measurements live as long as the group is used, so one
 * timeout, which counts as 1000 s, can shut a deployment out for good.
 */
public final class LowestLatency implements Strategy {
    private final RouterSettings.Latency args;
    private final LongSupplier clock;
    private final Lowest wholes;
    private final Lowest streams;

    LowestLatency(RouterSettings.Latency args, LongSupplier clock, RandomGenerator random) {
        this.args = args;
        this.clock = clock;
        this.wholes = new Lowest(
                "seconds a token", (candidate, since) -> perToken(candidate.load(), since), args.buffer(), random);
        this.streams = new Lowest(
                "seconds to the first token, or a token",
                (candidate, since) -> ofStream(candidate.load(), since),
                args.buffer(),
                random);
    }

    @Override
    public Deployment choose(Seats candidates, boolean stream) {
        return (stream ? streams : wholes).of(candidates, since());
    }

    @Override
    public Standing standing(Seats candidates, boolean stream) {
        return (stream ? streams : wholes).standing(candidates, since());
    }

    private long since() {
        return clock.getAsLong() - args.ttl().toMillis();
    }

    private static double perToken(Load load, long since) {
        double mean = load.perToken().mean(since);
        return Double.isNaN(mean) ? 0 : mean;
    }

    private double ofStream(Load load, long since) {
        Double share = args.firstTokenPercentile();
        double first = share == null
                ? load.firstToken().mean(since)
                : load.firstToken().percentile(share, since);
        return Double.isNaN(first) ? perToken(load, since) : first;
    }
}
