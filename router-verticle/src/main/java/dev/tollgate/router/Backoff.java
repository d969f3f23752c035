package dev.tollgate.router;

import dev.tollgate.protocol.Failure;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying the same group again (LiteLLM's rule): not at all while another healthy deployment is left; else
 * what the provider asked for if that is at most a minute; else half a second doubling up to eight, with up to 0.75 s of jitter
 * so that clients that failed together do not come back together.
 */
final class Backoff {
    private static final Duration LONGEST_ASKED = Duration.ofSeconds(60);
    private static final double FIRST_SECONDS = 0.5;
    private static final double LONGEST_SECONDS = 8;
    private static final double JITTER_SECONDS = 0.75;

    private final RandomGenerator random;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    Duration before(int retry, Failure last, boolean anotherIsHealthy, Duration least) {
        if (anotherIsHealthy) {
            return Duration.ZERO;
        }
        Duration asked = last.retryAfter();
        if (asked != null && !asked.isNegative() && !asked.isZero() && asked.compareTo(LONGEST_ASKED) <= 0) {
            return asked;
        }
        double seconds = Math.min(LONGEST_SECONDS, FIRST_SECONDS * (1L << Math.min(retry, 10)));
        seconds = Math.max(seconds, least.toMillis() / 1000.0) + random.nextDouble() * JITTER_SECONDS;
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
