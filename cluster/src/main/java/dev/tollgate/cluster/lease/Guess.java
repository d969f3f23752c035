package dev.tollgate.cluster.lease;

/**
 * What was spent of a total before, where the store did not answer. Asking it again with each call would hold each call up, so the guess holds
 * for some times as long as that took; it ends sooner when somebody has reached the store meanwhile and tells of what was brought.
 */
final class Guess {
    private static final int TIMES = 5;

    private final Timing timing;
    private boolean made;
    private long untilNanos;
    private int loads;

    Guess(Timing timing) {
        this.timing = timing;
    }

    /** {@code known}: how many loads had been brought before the store was asked. */
    void made(long tookNanos, long now, int known) {
        made = true;
        untilNanos = now + TIMES * Math.min(tookNanos, timing.answer().toNanos());
        loads = known;
    }

    /** The store has answered. */
    void over() {
        made = false;
    }

    /** Whether the store has not answered since. */
    boolean isMade() {
        return made;
    }

    boolean holds(long now, int known) {
        return made && known == loads && now - untilNanos < 0;
    }
}
