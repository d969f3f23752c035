package dev.tollgate.router;

import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait because every deployment they could go to has {@code max_parallel_requests} under way (LiteLLM queues at a semaphore of the
 * deployment). First come, first served on each lane. The line is looked through whenever an attempt of the lane ends, before a
 * newcomer is served, and ten times a second for places that become free on other lanes and for those who have waited long enough.
 * It is bounded: a provider that is slow for minutes must not turn into a heap of waiting calls.
 */
final class Line {
    private static final int LONGEST = 1_000;

    private final LongSupplier clock;
    private final Deque<Waiting> line = new ArrayDeque<>();
    private boolean looking;
    private boolean again;

    private record Waiting(Object among, BooleanSupplier free, long untilMillis, Promise<Void> turn) {}

    Line(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Waits until there is a place or the time (milliseconds since 1970) has come; null when the line is too long.
     *
     * @param among for those who wait for the very same object one answer counts for all
     * @param free whether there is a place
     */
    @Nullable Promise<Void> join(Object among, BooleanSupplier free, long untilMillis) {
        if (line.size() >= LONGEST) {
            return null;
        }
        Promise<Void> turn = Promise.promise();
        line.add(new Waiting(among, free, untilMillis, turn));
        return turn;
    }

    /** Lets go whom there is a place for, who has waited long enough, and who has left. */
    void look() {
        if (line.isEmpty()) {
            return;
        }
        if (looking) {
            // One who was let go may be served at once, and even be done.
            again = true;
            return;
        }
        looking = true;
        try {
            do {
                again = false;
                lookOnce();
            } while (again);
        } finally {
            looking = false;
        }
    }

    private void lookOnce() {
        Set<Object> full = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Waiting> kept = new ArrayDeque<>();
        long now = clock.getAsLong();
        for (int left = line.size(); left > 0 && !again; left--) {
            Waiting next = line.remove();
            if (next.turn().future().isComplete()) {
                continue;
            }
            if (now >= next.untilMillis()
                    || (!full.contains(next.among()) && next.free().getAsBoolean())) {
                next.turn().tryComplete();
            } else {
                full.add(next.among());
                kept.add(next);
            }
        }
        // Behind those who are kept stand those who were not looked at, and who joined meanwhile.
        kept.descendingIterator().forEachRemaining(line::addFirst);
    }

    /** How many wait. */
    int length() {
        return line.size();
    }
}
