package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Picks among the candidates with the lowest score, each with the same chance.
 *
 * @param measure what the score is, in words
 * @param score the score
 * @param random draws among equals
 */
record Lowest(String measure, ToDoubleFunction<Deployment> score, RandomGenerator random) {

    Deployment of(List<Deployment> candidates) {
        Deployment picked = candidates.get(0);
        double lowest = Double.POSITIVE_INFINITY;
        int ties = 0;
        for (int i = 0; i < candidates.size(); i++) {
            Deployment candidate = candidates.get(i);
            double value = score.applyAsDouble(candidate);
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

    Standing standing(List<Deployment> candidates) {
        return Standing.lowest(
                measure, candidates.stream().map(score::applyAsDouble).toList(), 0);
    }
}
