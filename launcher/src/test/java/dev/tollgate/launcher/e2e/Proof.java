package dev.tollgate.launcher.e2e;

import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * How long the proofs of the cluster are: short in every build, long with {@code -Dtollgate.proof.long}. Each number can be given by
 * itself ({@code -Dtollgate.proof.kills=20}), and so can the seed of one run that is to be seen again ({@code -Dtollgate.proof.seed=7}).
 */
final class Proof {
    private static final String PREFIX = "tollgate.proof.";

    private Proof() {}

    /** So many of something: by its own property, else by the form. */
    static int count(String name, int brief, int extended) {
        String given = System.getProperty(PREFIX + name);
        if (given != null) {
            return Integer.parseInt(given);
        }
        return System.getProperty(PREFIX + "long") == null ? brief : extended;
    }

    /** The one that was given, else so many that nobody has seen before. */
    static List<Long> seeds(int brief, int extended) {
        String given = System.getProperty(PREFIX + "seed");
        if (given != null) {
            return List.of(Long.parseLong(given));
        }
        long first = System.currentTimeMillis() % 1_000_000;
        return LongStream.range(first, first + count("seeds", brief, extended))
                .boxed()
                .toList();
    }

    /** Chance that can be had again: the seed is printed. */
    static RandomGenerator chance(String what, long seed) {
        say(what + ": seed " + seed);
        return new Random(seed);
    }

    /** A line for whoever runs it. */
    static void say(String line) {
        System.out.println("[proof] " + line);
    }
}
