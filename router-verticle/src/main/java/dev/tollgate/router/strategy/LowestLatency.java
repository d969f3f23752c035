package dev.tollgate.router.strategy;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

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
    private final RandomGenerator random;

    LowestLatency(RouterSettings.Latency args, LongSupplier clock, RandomGenerator random) {
        this.args = args;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Deployment choose(Seats candidates, boolean stream) {
        long since = clock.getAsLong() - args.ttl().toMillis();
        double[] scores = new double[candidates.size()];
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(candidates.load(i), stream, since);
            best = Math.min(best, scores[i]);
        }
        List<Deployment> good = new ArrayList<>(scores.length);
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] <= best * (1 + args.buffer())) {
                good.add(candidates.get(i));
            }
        }
        return good.get(random.nextInt(good.size()));
    }

    @Override
    public Standing standing(Seats candidates, boolean stream) {
        long since = clock.getAsLong() - args.ttl().toMillis();
        return Standing.lowest(
                stream ? "seconds to the first token, or a token" : "seconds a token",
                IntStream.range(0, candidates.size())
                        .mapToObj(i -> score(candidates.load(i), stream, since))
                        .toList(),
                args.buffer());
    }

    private double score(Load load, boolean stream, long since) {
        double first = stream ? firstToken(load, since) : Double.NaN;
        double mean = Double.isNaN(first) ? load.perToken().mean(since) : first;
        return Double.isNaN(mean) ? 0 : mean;
    }

    private double firstToken(Load load, long since) {
        Double percentile = args.firstTokenPercentile();
        return percentile == null
                ? load.firstToken().mean(since)
                : load.firstToken().percentile(percentile, since);
    }
}
