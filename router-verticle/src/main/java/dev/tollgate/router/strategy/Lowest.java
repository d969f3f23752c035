package dev.tollgate.router.strategy;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Picks among the candidates with the lowest score, each with the same chance.
 *
 * @param measure what the score is, in words
 * @param score the score
 * @param random draws among equals
 */
record Lowest(String measure, Score score, RandomGenerator random) {

    /** The lower, the better. */
    @FunctionalInterface
    interface Score {
        double of(Deployment deployment, Load load);
    }

    Deployment of(Seats candidates) {
        Deployment picked = candidates.get(0);
        double lowest = Double.POSITIVE_INFINITY;
        int ties = 0;
        for (int i = 0; i < candidates.size(); i++) {
            Deployment candidate = candidates.get(i);
            double value = score.of(candidate, candidates.load(i));
            if (value < lowest) {
                lowest = value;
                picked = candidate;
                ties = 1;
            } else if (value == lowest && random.nextInt(++ties) == 0) {
                picked = candidate;
            }
        }
        return picked;
    }

    Standing standing(Seats candidates) {
        return Standing.lowest(
                measure,
                IntStream.range(0, candidates.size())
                        .mapToObj(i -> score.of(candidates.get(i), candidates.load(i)))
                        .toList(),
                0);
    }
}
