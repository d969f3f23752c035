package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import dev.tollgate.cluster.lease.Outcome;
import dev.tollgate.cluster.lease.Share;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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

    private static final long LOOK_MILLIS = 5_000;

    /** Nearly always empty, and there is one for each key that ever spent. */
    private final Deque<Waiter> line = new ArrayDeque<>(1);

    private @Nullable Period period;
    private long periodMillis;
    private long endMillis;
    private boolean dated;
    private long spent;
    private long reserved;

    /** Of that, for calls that wait for more themselves, here or elsewhere: nobody can wait for those. */
    private long idle;

    /** Where more comes from, when nodes divide the budget; null: all of it is this node's. */
    private final @Nullable Dividing dividing;

    /** What this node may spend of a divided budget, and which budget that was. */
    private long granted;

    private long total = -1;

    /** What all others have spent in the present period, as far as is known, with what this node had before its share began. */
    private long elsewhere;

    /** Spent by this node in the present period, and what of that is stored. */
    private long settled;

    private long delivered;
    private final @Nullable Inquiry inquiry;

    /** The highest amount of which was said in the present period that it is spent, and when the others were asked because of a soft budget. */
    private long said;

    private long lookedMillis = Long.MIN_VALUE / 2;

    /** One of a node that stands alone. */
    Purse() {
        this(null);
    }

    /** One whose budget is perhaps divided. */
    Purse(@Nullable Dividing dividing) {
        this.dividing = dividing;
        this.inquiry = dividing == null ? null : new Inquiry(dividing);
    }

    /** What was spent before this run began, in the period that began then. Older periods do not count. */
    synchronized void restore(long startMillis, long nanos) {
        if (startMillis >= periodMillis) {
            periodMillis = startMillis;
            if (dividing == null) {
                spent += nanos;
            } else {
                elsewhere = nanos;
            }
            dated = false;
        }
    }

    /** So much is stored of the last period; one that this node does not know yet takes the present one's place. */
    synchronized void renew(long startMillis, long nanos) {
        if (startMillis > periodMillis) {
            set(nanos, startMillis);
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
            ahead(nanos, limits);
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
        if (dividing == null || inquiry == null) {
            return limits.budgetNanos() - spent - reserved;
        }
        if (total != limits.budgetNanos()) {
            // What was granted was a part of another budget.
            total = limits.budgetNanos();
            granted = Math.min(granted, spent + reserved);
            inquiry.forget();
        }
        // What this node had may be others' by now.
        return dividing.stands() ? granted - spent - reserved : Math.min(0, granted - spent - reserved);
    }

    /** Spent in the present period. */
    synchronized long spent(Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        if (dividing != null && limits.budgetNanos() >= 0 && elsewhere + spent >= limits.budgetNanos()) {
            // It may be known better by now.
            left(limits);
            ask(1, limits);
        }
        return elsewhere + spent;
    }

    /** When spend begins anew in milliseconds since 1970 UTC, or 0: never. */
    synchronized long endMillis(Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        return period == null ? 0 : endMillis;
    }

    /** When the present period began; see {@link #settle}. */
    synchronized long beganMillis(Limits limits, Instant now, ZoneId zone) {
        roll(limits, now, zone);
        return periodMillis;
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
            settled += cost;
            counted = periodMillis;
            next = line.peekFirst();
            look(cost, limits);
        }
        wake(next);
        return counted;
    }

    /** Nobody asks for a share of what is not limited, but a soft budget wants to know what others spend. */
    private void look(long cost, Limits limits) {
        if (dividing != null && cost > 0 && limits.budgetNanos() < 0 && limits.softNanos() > 0) {
            long now = dividing.elapsedMillis();
            if (now - lookedMillis >= LOOK_MILLIS) {
                lookedMillis = now;
                ask(1, limits);
            }
        }
    }

    /** Whether spend passes this limit with that cost; where nodes divide it, or this one has not said so before. */
    synchronized boolean crossed(long limit, long all, long cost) {
        if (limit <= 0 || all < limit) {
            return false;
        }
        boolean news = dividing == null ? all - cost < limit : said < limit;
        said = Math.max(said, limit);
        return news;
    }

    /**
     * A call is refused for this budget, of which {@code all} is spent: answers the present period when that is to be said, and -1 when
     * it was said, or calls under way may still give something back.
     */
    synchronized long refused(long limit, long all) {
        boolean mayComeBack = reserved > idle || (inquiry != null && inquiry.verdict() == Outcome.Verdict.LATER);
        if (limit <= 0 || said >= limit || (all < limit && mayComeBack)) {
            return -1;
        }
        said = limit;
        return periodMillis;
    }

    /** Spent in the present period, as far as it is known which that is. */
    synchronized long spentAt(Instant now) {
        return dated && period != null && now.toEpochMilli() >= endMillis ? 0 : elsewhere + spent;
    }

    /** The same, by what the store has of its last period: of the present one, with what this node has not stored yet. */
    synchronized long spentWith(long storedPeriod, long storedNanos, Instant now) {
        if (storedPeriod > periodMillis) {
            return storedNanos;
        }
        if (dated && period != null && now.toEpochMilli() >= endMillis) {
            return 0;
        }
        return (storedPeriod == periodMillis ? storedNanos : 0) + settled - delivered;
    }

    /** What a period that is begun by hand would begin with. */
    synchronized long carried() {
        return elsewhere + spent;
    }

    /** When one begins that is begun by hand now: behind the present one, whose node's clock may have been ahead. */
    synchronized long nextMillis(long nowMillis) {
        return Math.max(nowMillis, periodMillis + 1);
    }

    /** Begins a period by hand, with what is spent already; answers that. */
    synchronized long restart(long startMillis) {
        long all = carried();
        set(all, startMillis);
        return all;
    }

    /** Begins a period by hand, with so much spent. */
    synchronized void set(long nanos, long startMillis) {
        empty();
        if (dividing == null) {
            spent = nanos;
        } else {
            elsewhere = nanos;
        }
        periodMillis = startMillis;
    }

    private static void wake(@Nullable Waiter waiter) {
        if (waiter != null) {
            waiter.wake();
        }
    }

    /** Another length of period changes when the present one ends, not what was spent in it. */
    private void roll(Limits limits, Instant now, ZoneId zone) {
        Period asked = limits.period();
        if (!dated || !Objects.equals(period, asked)) {
            boolean first = !dated;
            dated = true;
            period = asked;
            endMillis = asked == null ? Long.MAX_VALUE : asked.end(now, zone).toEpochMilli();
            // What was stored may be of a period that ended while the program did not run.
            if (first
                    && period != null
                    && periodMillis < period.start(now, zone).toEpochMilli()) {
                begin(period, now, zone);
            }
        }
        // What is the same object is compared at once.
        period = asked;
        if (period != null && now.toEpochMilli() >= endMillis) {
            begin(period, now, zone);
        }
    }

    private void begin(Period next, Instant now, ZoneId zone) {
        empty();
        periodMillis = next.start(now, zone).toEpochMilli();
        endMillis = next.end(now, zone).toEpochMilli();
    }

    private void empty() {
        said = 0;
        spent = 0;
        elsewhere = 0;
        granted = 0;
        settled = 0;
        delivered = 0;
        if (inquiry != null) {
            inquiry.forget();
        }
    }

    /** What to do about too little; of several budgets the last of these hinders most. */
    enum Lack {
        /** There is nobody to ask, or nothing more to be had, or it is somebody else's turn. */
        DECIDE,
        /** Others have the rest, and may give some back; {@code again} runs soon. */
        LATER,
        /** Others are being asked; {@code again} runs when they have answered. */
        WAIT,
        /** Nobody can say what is left. */
        UNKNOWN
    }

    /** Too little is left: asks the nodes that the budget is divided among for more. {@code again} may run on any thread. */
    synchronized Lack lack(long nanos, Limits limits, Instant now, ZoneId zone, Runnable again) {
        roll(limits, now, zone);
        long missing = nanos - left(limits);
        if (dividing == null || inquiry == null || missing <= 0) {
            return Lack.DECIDE;
        }
        return switch (inquiry.verdict()) {
            case NO_MORE -> Lack.DECIDE;
            case UNKNOWN -> Lack.UNKNOWN;
            case LATER -> {
                dividing.soon(Inquiry.LATER_MILLIS, again);
                yield Lack.LATER;
            }
            case ENOUGH -> {
                ask(missing, limits);
                inquiry.hear(again);
                yield Lack.WAIT;
            }
        };
    }

    /** Before it is needed, so that calls need not wait. */
    private void ahead(long nanos, Limits limits) {
        if (dividing != null && left(limits) < 2 * nanos) {
            ask(nanos, limits);
        }
    }

    private void ask(long missing, Limits limits) {
        Inquiry others = inquiry;
        if (dividing != null && others != null && !others.asking() && others.verdict() == Outcome.Verdict.ENOUGH) {
            long asked = periodMillis;
            others.begin(
                    Meters.money(dividing.holder(), asked),
                    missing,
                    limits.budgetNanos(),
                    outcome -> answered(others, outcome, asked));
        }
    }

    private void answered(Inquiry others, Outcome outcome, long asked) {
        Waiter next;
        List<Runnable> again;
        synchronized (this) {
            again = others.end(outcome);
            if (asked != periodMillis) {
                others.forget();
            } else if (outcome.elsewhere() >= 0) {
                elsewhere = outcome.elsewhere();
            }
            next = line.peekFirst();
        }
        again.forEach(Runnable::run);
        wake(next);
    }

    /** The store has so much of what this node spent in that period. */
    synchronized void delivered(long period, long nanos) {
        if (period == periodMillis) {
            delivered += nanos;
        }
    }

    /** This node's share of the budget of a period, or null when it is not the present one. */
    synchronized @Nullable Share share(long period) {
        return period == periodMillis ? new PurseShare(period) : null;
    }

    /**
     * Whether calls that wait for more have just heard that there is none, and end soon or do with less. Whoever else waits, on another
     * node perhaps, waits for them then, rather than to give up as well.
     */
    private boolean decides() {
        return idle > 0 && inquiry != null && inquiry.verdict() == Outcome.Verdict.NO_MORE;
    }

    /** The share of one period; another may begin at any moment. */
    private final class PurseShare implements Share {
        private final long period;

        PurseShare(long period) {
            this.period = period;
        }

        @Override
        public State state() {
            synchronized (Purse.this) {
                return period == periodMillis
                        ? new State(granted, spent + reserved, reserved > idle || decides())
                        : new State(0, 0, false);
            }
        }

        @Override
        public void grow(long by) {
            Waiter next;
            synchronized (Purse.this) {
                if (period == periodMillis) {
                    granted += by;
                }
                next = by > 0 ? line.peekFirst() : null;
            }
            wake(next);
        }

        @Override
        public State shrink() {
            synchronized (Purse.this) {
                if (period == periodMillis) {
                    granted = Math.min(granted, spent + reserved);
                }
                return state();
            }
        }

        @Override
        public Opening open() {
            synchronized (Purse.this) {
                if (period != periodMillis) {
                    return new Opening(state(), 0, 0, 0);
                }
                long known = elsewhere + spent;
                elsewhere = known;
                granted = Math.max(0, granted - spent);
                spent = 0;
                return new Opening(state(), settled, delivered, known);
            }
        }
    }
}
