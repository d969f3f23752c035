package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** Picks among the candidates with the lowest score, each with the same chance. */
final class Lowest {
    private Lowest() {}

    static Deployment of(List<Deployment> candidates, ToDoubleFunction<Deployment> score, RandomGenerator random) {
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
}
