package dev.tollgate.accounting.outbox;

import dev.tollgate.accounting.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One lane's answers that wait until another node has what was written into the lane's journal. Used on the lane's event loop, but for
 * {@link #release}. No answer waits longer than a quarter of a second: what is late is counted and goes on.
 */
public final class LaneCopies {
    /** How often {@link #sweep} is to be called. */
    public static final Duration SWEEP = Duration.ofMillis(50);

    private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(200).toNanos();

    private final Journal journal;
    private final Copying copying;
    private final Executor loop;
    private final LongSupplier nanos;
    private final Deque<Waiting<?>> waiting = new ArrayDeque<>();
    private final AtomicBoolean releasing = new AtomicBoolean();
    private volatile int count;
    private volatile long appended;
    private volatile long released;
    private boolean closed;

    private record Waiting<T>(long mark, long since, T value, Promise<T> answer) {
        void end() {
            answer.complete(value);
        }
    }

    LaneCopies(Journal journal, Copying copying, Executor loop, LongSupplier nanos) {
        this.journal = journal;
        this.copying = copying;
        this.loop = loop;
        this.nanos = nanos;
    }

    /**
     * To be called for each call whose record the journal has, however many were written at once: completes with the value when another
     * node has it, too, or none can. Nobody waits for a record that the disk refused, which has no place in the journal yet.
     */
    public <T> Future<T> copied(T value) {
        appended = journal.mark();
        copying.grown();
        if (closed || !copying.waits()) {
            return Future.succeededFuture(value);
        }
        Promise<T> answer = Promise.promise();
        waiting.add(new Waiting<>(appended, nanos.getAsLong(), value, answer));
        count = waiting.size();
        return answer.future();
    }

    /** Looks whether the journal has grown, as it does when the disk works again. */
    public boolean noticed() {
        long mark = journal.mark();
        if (mark == appended) {
            return false;
        }
        appended = mark;
        copying.grown();
        return true;
    }

    /** Lets go what has waited too long. */
    public void sweep() {
        long now = nanos.getAsLong();
        int late = 0;
        for (Waiting<?> first = waiting.peek();
                first != null && now - first.since() >= LONGEST_WAIT_NANOS;
                first = waiting.peek()) {
            waiting.remove();
            late++;
            first.end();
        }
        if (late > 0) {
            count = waiting.size();
            copying.late(late);
        }
    }

    /** Answers up to that mark need not wait any more; from any thread. */
    void release(long mark) {
        if (mark > released) {
            released = mark;
            if (releasing.compareAndSet(false, true)) {
                loop.execute(this::end);
            }
        }
    }

    private void end() {
        releasing.set(false);
        long upTo = released;
        for (@Nullable Waiting<?> first = waiting.peek();
                first != null && first.mark() <= upTo;
                first = waiting.peek()) {
            waiting.remove();
            first.end();
        }
        count = waiting.size();
    }

    /** The lane ends: nothing waits any more, nor does what still comes, for nobody looks after it then. */
    public void close() {
        closed = true;
        released = Long.MAX_VALUE;
        end();
    }

    String journal() {
        return journal.name();
    }

    /** How far the journal is written, as far as this knows. */
    long appended() {
        return appended;
    }

    int waiting() {
        return count;
    }
}
