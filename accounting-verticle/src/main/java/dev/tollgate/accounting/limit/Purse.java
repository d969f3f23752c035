package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One holder's money: what was spent in the present period and what is set aside for calls under way. Shared by all lanes; the lock is
 * held for some additions only. All sums are nano-dollars.
 *
 * <p>Never more is set aside than the budget has left, and a call costs at most what was set aside for it, so the budget holds. Who
 * finds too little left while other calls are under way waits in line, because those give back what they did not need.
 */
final class Purse {
    /** Somebody in line; told when trying again may help. */
    interface Waiter {
        /** Tries again on its own lane, then calls {@link Purse#leave}, or stays at the head of the line. */
        void wake();
    }

    private final Deque<Waiter> line = new ArrayDeque<>();
    private @Nullable Period period;
    private long periodMillis;
    private long endMillis;
    private boolean dated;
    private long spent;
    private long reserved;

    /** Of that, for calls that wait for more themselves, here or elsewhere: nobody can wait for those. */
    private long idle;

    /** What was spent before this run began, in the period that began then. Older periods do not count. */
    synchronized void restore(long startMillis, long nanos) {
        if (startMillis >= periodMillis) {
            periodMillis = startMillis;
            spent += nanos;
            dated = false;
        }
    }

    /** What came of an attempt to set something aside. */
    enum Taken {
        /** It is set aside. */
        YES,
        /** Too little is left, but calls under way may give something back. */
        LATER,
        /** Too little is left. */
        NO
    }

    /** Sets an amount aside if that much is left. {@code waiter}: whoever is asking, if they are in line already. */
    synchronized Taken take(long nanos, Limits limits, Instant now, ZoneId zone, @Nullable Waiter waiter) {
        roll(limits, now, zone);
        boolean turn = line.isEmpty() || Objects.equals(line.peekFirst(), waiter);
        if (turn && left(limits) >= nanos) {
            reserved += nanos;
            return Taken.YES;
        }
        return reserved > 0 || !turn ? Taken.LATER : Taken.NO;
    }

    /** What is left of the budget; negative when it was overdrawn, which only lowering it can do. */
    synchronized long left(Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        return left(limits);
    }

    private long left(Limits limits) {
        return limits.budgetNanos() - spent - reserved;
    }

    /** Spent in the present period. */
    synchronized long spent(Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        return spent;
    }

    /** When spend begins anew in milliseconds since 1970 UTC, or 0: never. */
    synchronized long endMillis(Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        return period == null ? 0 : endMillis;
    }

    /** Whether somebody in line has to wait on: for those before, or for calls under way. */
    synchronized boolean waits(Waiter waiter) {
        return reserved > 0 || !waiter.equals(line.peekFirst());
    }

    /** What came of getting in line. */
    enum Place {
        /** In line; {@link Waiter#wake} will tell. */
        IN_LINE,
        /** There is nothing to wait for any more. */
        NOTHING_TO_WAIT_FOR,
        /** Too many wait already. */
        FULL
    }

    /** Gets in line. */
    synchronized Place await(Waiter waiter, int most) {
        if (reserved == 0 && line.isEmpty()) {
            return Place.NOTHING_TO_WAIT_FOR;
        }
        if (line.size() >= most) {
            return Place.FULL;
        }
        line.addLast(waiter);
        return Place.IN_LINE;
    }

    /** Leaves the line. */
    void leave(Waiter waiter) {
        Waiter next;
        synchronized (this) {
            line.remove(waiter);
            next = line.peekFirst();
        }
        wake(next);
    }

    /** Sets more aside for a call that has something set aside already; it comes before all in line. */
    synchronized boolean takeMore(long nanos, Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        boolean enough = left(limits) >= nanos;
        reserved += enough ? nanos : 0;
        return enough;
    }

    /** A call that has this much set aside does not go on before it has more. */
    void pause(long setAside) {
        Waiter next;
        synchronized (this) {
            idle += setAside;
            next = reserved > idle ? null : line.peekFirst();
        }
        wake(next);
    }

    /** It goes on. */
    synchronized void resume(long setAside) {
        idle -= setAside;
    }

    /** Gets in line before all others. */
    synchronized void awaitFirst(Waiter waiter) {
        line.addFirst(waiter);
    }

    /** Whether calls are under way that may give something back without more. */
    synchronized boolean moves() {
        return reserved > idle;
    }

    /** Gives back what was taken a moment ago, because another purse has too little. Who came meanwhile may try again. */
    void giveBack(long nanos, Waiter waiter) {
        Waiter next;
        synchronized (this) {
            reserved -= nanos;
            next = line.peekFirst();
        }
        if (!waiter.equals(next)) {
            wake(next);
        }
    }

    /** A call ended: gives back what was set aside, and adds what it cost. Answers the beginning of the period it counts for. */
    long settle(long setAside, long cost, Limits limits, Instant now, ZoneId zone) {
        long counted;
        Waiter next;
        synchronized (this) {
            roll(limits, now, zone);
            reserved -= setAside;
            spent += cost;
            counted = periodMillis;
            next = line.peekFirst();
        }
        wake(next);
        return counted;
    }

    /** Spent in the present period, as far as it is known which that is. */
    synchronized long spentAt(Instant now) {
        return dated && period != null && now.toEpochMilli() >= endMillis ? 0 : spent;
    }

    /** Begins a period by hand, with what is spent already; answers that. */
    synchronized long restart(long startMillis) {
        periodMillis = startMillis;
        return spent;
    }

    /** Begins a period by hand, with so much spent. */
    synchronized void set(long nanos, long startMillis) {
        spent = nanos;
        periodMillis = startMillis;
    }

    private static void wake(@Nullable Waiter waiter) {
        if (waiter != null) {
            waiter.wake();
        }
    }

    /** Another length of period changes when the present one ends, not what was spent in it. */
    private void roll(Limits limits, Instant now, ZoneId zone) {
        if (!dated || !Objects.equals(period, limits.period())) {
            boolean first = !dated;
            dated = true;
            period = limits.period();
            endMillis = period == null ? Long.MAX_VALUE : period.end(now, zone).toEpochMilli();
            // What was stored may be of a period that ended while the program did not run.
            if (first
                    && period != null
                    && periodMillis < period.start(now, zone).toEpochMilli()) {
                begin(period, now, zone);
            }
        }
        if (period != null && now.toEpochMilli() >= endMillis) {
            begin(period, now, zone);
        }
    }

    private void begin(Period next, Instant now, ZoneId zone) {
        spent = 0;
        periodMillis = next.start(now, zone).toEpochMilli();
        endMillis = next.end(now, zone).toEpochMilli();
    }
}
