package dev.tollgate.router.strategy;

import java.util.List;

/**
 * How candidates stand with a strategy.
 *
 * @param measure what the scores are, in words
 * @param scores one for each candidate
 * @param chances how likely each is picked, from 0 to 1; together 1
 */
public record Standing(String measure, List<Double> scores, List<Double> chances) {
    public Standing {
        scores = List.copyOf(scores);
        chances = List.copyOf(chances);
    }

    /** Equal chances for the lowest scores and those that are within the buffer of it. */
    static Standing lowest(String measure, List<Double> scores, double buffer) {
        double best = scores.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double limit = best * (1 + buffer);
        long good = scores.stream().filter(score -> score <= limit).count();
        return new Standing(
                measure,
                scores,
                scores.stream().map(score -> score <= limit ? 1.0 / good : 0.0).toList());
    }
}
