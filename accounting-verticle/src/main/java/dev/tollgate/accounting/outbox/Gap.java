package dev.tollgate.accounting.outbox;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long after a letter the next one leaves. A letter and its answer take more CPU than a call's copy is worth, so under load it waits for
 * several to share that: a millisecond, and four when the letter before had several new records; but those no longer than until there are
 * enough. All but {@link #filled} on one thread.
 */
final class Gap {
    private static final long SHORT_NANOS = Duration.ofMillis(1).toNanos();
    private static final long LONG_NANOS = Duration.ofMillis(4).toNanos();
    private static final int SEVERAL = 4;
    private static final int ENOUGH = 16;

    private final AtomicInteger fresh = new AtomicInteger();
    private volatile boolean waits;
    private long sentAt;
    private long nanos = SHORT_NANOS;

    /** A letter may leave at once. */
    Gap(long now) {
        this.sentAt = now - SHORT_NANOS;
    }

    /** There is one more record; whether now there are enough, and a letter waits for that. From any thread. */
    boolean filled() {
        if (fresh.incrementAndGet() < ENOUGH || !waits) {
            return false;
        }
        waits = false;
        return true;
    }

    /** For how many nanoseconds a letter has to wait, unless {@link #filled} says so first; 0: it may leave, and records are counted anew. */
    long left(long now) {
        long since = now - sentAt;
        // Said first, then looked: who writes the last of them sees it, or is seen.
        waits = true;
        if (since < nanos && fresh.get() < ENOUGH) {
            return nanos - since;
        }
        waits = false;
        if (since < SHORT_NANOS) {
            return SHORT_NANOS - since;
        }
        fresh.set(0);
        return 0;
    }

    /** Whether there is load, so that the next letter will have something to bring. */
    boolean isLong() {
        return nanos > SHORT_NANOS;
    }

    /** A letter leaves with so many new records. */
    void sent(long now, int records) {
        sentAt = now;
        nanos = records < SEVERAL ? SHORT_NANOS : LONG_NANOS;
    }
}
