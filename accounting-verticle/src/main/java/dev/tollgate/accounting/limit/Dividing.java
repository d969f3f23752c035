package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.cluster.lease.Meter;
import dev.tollgate.cluster.lease.Outcome;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Of one holder: how the nodes of a cluster divide what it may use. Asked under a lock, so nothing here waits or calls back at once. */
interface Dividing {

    /** Asks for more; {@code answered} runs later, on some thread. */
    void more(Meter meter, long need, long total, Consumer<Outcome> answered);

    /** Runs after so many milliseconds. */
    void soon(long millis, Runnable again);

    /** Milliseconds of the clock that windows and periods go by. */
    long millis();

    /** Milliseconds of one that is never put back: for how long an answer holds. */
    default long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Whether what was granted may still be used. */
    boolean stands();

    /** Whose. */
    Holder holder();
}
