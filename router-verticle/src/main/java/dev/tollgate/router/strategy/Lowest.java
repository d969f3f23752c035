package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Picks among the candidates with the lowest score, and those within a share of it, each with the same chance. One lane's own. */
final class Lowest {
    private final String measure;
    private final Score score;
    private final double buffer;
    private final RandomGenerator random;

    /** Used for each choice, so that none allocates. */
    private double[] scores = new double[16];

    /** The lower, the better; never NaN. */
    @FunctionalInterface
    interface Score {
        /** {@code millis}: a time that the score depends on, if it does. */
        double of(Seat candidate, long millis);
    }

    /**
     * {@code measure}: what the score is, in words; {@code buffer}: what share more than the lowest score is as good; {@code random} draws
     * among those.
     */
    Lowest(String measure, Score score, double buffer, RandomGenerator random) {
        this.measure = measure;
        this.score = score;
        this.buffer = buffer;
        this.random = random;
    }

    Deployment of(Seats candidates, long millis) {
        int size = candidates.size();
        if (scores.length < size) {
            scores = new double[size];
        }
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            double value = score.of(candidates.seat(i), millis);
            scores[i] = value;
            best = Math.min(best, value);
        }
        return drawn(candidates, best * (1 + buffer));
    }

    /** One draw, however many are equally good: when nothing is under way all are. */
    private Deployment drawn(Seats candidates, double limit) {
        int good = 0;
        int last = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (scores[i] <= limit) {
                good++;
                last = i;
            }
        }
        if (good < 2) {
            return candidates.get(last);
        }
        int place = -1;
        for (int left = random.nextInt(good); left >= 0; left--) {
            do {
                place++;
            } while (scores[place] > limit);
        }
        return candidates.get(place);
    }

    Standing standing(Seats candidates, long millis) {
        return Standing.lowest(
                measure,
                IntStream.range(0, candidates.size())
                        .mapToObj(i -> score.of(candidates.seat(i), millis))
                        .toList(),
                buffer);
    }
}
