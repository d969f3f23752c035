package dev.tollgate.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one deployment, shared by all lanes of the node without a lock, and what all other nodes counted. A choice reads them
 * of every candidate and a call writes them of one, so they are totals: a write is an atomic exchange, a read a plain load (opaque:
 * whole, and seen soon), however many lanes there are.
 *
 * <p>A counter of the minute keeps the minute's number beside the count in one 64-bit word, so that a reader can never take the
 * count of an old minute for the new one's, whoever has turned the minute first. Both stay in range: 2^24 minutes are 31 years, 2^40
 * tokens a minute are more than anyone serves.
 */
final class LoadCells {
    private static final int COUNT_BITS = 40;
    private static final long COUNT = (1L << COUNT_BITS) - 1;
    private static final long MINUTES = (1L << (64 - COUNT_BITS)) - 1;

    private static final VarHandle IN_FLIGHT = handle("inFlight");
    private static final VarHandle BEGUN = handle("begun");
    private static final VarHandle SUCCEEDED = handle("succeeded");
    private static final VarHandle TOKENS = handle("tokens");
    private static final VarHandle JUDGED = handle("judged");
    private static final VarHandle TRIED_UNTIL = handle("triedUntil");
    private static final VarHandle PROVED_AFTER = handle("provedAfter");

    @SuppressWarnings("unused")
    private long inFlight;

    @SuppressWarnings("unused")
    private long begun;

    @SuppressWarnings("unused")
    private long succeeded;

    @SuppressWarnings("unused")
    private long tokens;

    @SuppressWarnings("unused")
    private long judged;

    @SuppressWarnings("unused")
    private long triedUntil;

    @SuppressWarnings("unused")
    private long provedAfter;

    private final Failures failures = new Failures();

    /** Null as long as nothing is known of any. */
    private volatile @Nullable Counts others;

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(LoadCells.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The field is declared here", e);
        }
    }

    void began(long nowMillis) {
        IN_FLIGHT.getAndAdd(this, 1L);
        add(BEGUN, nowMillis, 1);
    }

    /** To be called once for each that began. */
    void ended() {
        IN_FLIGHT.getAndAdd(this, -1L);
    }

    void succeeded(long nowMillis) {
        add(SUCCEEDED, nowMillis, 1);
    }

    void used(long nowMillis, long count) {
        add(TOKENS, nowMillis, count);
    }

    /** What all other nodes counted, in place of what was known before. */
    void others(Counts counts) {
        others = counts.isEmpty() ? null : counts;
    }

    /** Whether nothing is known of other nodes. */
    boolean alone() {
        return others == null;
    }

    /** What the lanes of this node counted. */
    Counts own(long nowMillis) {
        return new Counts(
                nowMillis / Counts.MINUTE_MILLIS,
                (long) IN_FLIGHT.getOpaque(this),
                count(BEGUN, nowMillis),
                count(SUCCEEDED, nowMillis),
                count(TOKENS, nowMillis));
    }

    long inFlight() {
        Counts more = others;
        long own = (long) IN_FLIGHT.getOpaque(this);
        return more == null ? own : own + more.inFlight();
    }

    long begun(long nowMillis) {
        Counts more = of(nowMillis);
        long own = count(BEGUN, nowMillis);
        return more == null ? own : own + more.begun();
    }

    long succeededIn(long nowMillis) {
        Counts more = of(nowMillis);
        long own = count(SUCCEEDED, nowMillis);
        return more == null ? own : own + more.succeeded();
    }

    long tokens(long nowMillis) {
        Counts more = of(nowMillis);
        long own = count(TOKENS, nowMillis);
        return more == null ? own : own + more.tokens();
    }

    /** Others' of that minute. */
    private @Nullable Counts of(long nowMillis) {
        Counts more = others;
        return more == null || more.minute() != nowMillis / Counts.MINUTE_MILLIS ? null : more;
    }

    /** Until when a call tries the deployment for all lanes. */
    long triedUntil() {
        return (long) TRIED_UNTIL.getOpaque(this);
    }

    /** Whether the caller is the one that changed it from what it saw. */
    boolean tries(long seen, long untilMillis) {
        return TRIED_UNTIL.compareAndSet(this, seen, untilMillis);
    }

    /** The end of the last cooldown after which the deployment answered. */
    long provedAfter() {
        return (long) PROVED_AFTER.getOpaque(this);
    }

    /** Two who say so of two cooldowns at once can only cost one more trial. */
    void proved(long cooledUntil) {
        PROVED_AFTER.setOpaque(this, Math.max(provedAfter(), cooledUntil));
    }

    /** An attempt ended in a way that says something of the deployment; whoever adds a failure as well adds this first. */
    void judged(long nowMillis) {
        add(JUDGED, nowMillis, 1);
    }

    /** What this node's lanes have added in this minute. */
    long judgedIn(long nowMillis) {
        return count(JUDGED, nowMillis);
    }

    /** How attempts of this node failed. */
    Failures failures() {
        return failures;
    }

    /** What went wrong in this minute has had its consequences: it is counted anew. */
    void judgeAnew() {
        failures.clear();
        JUDGED.setOpaque(this, 0L);
    }

    /** Nothing is known any more of failures and trials. */
    void renew() {
        judgeAnew();
        TRIED_UNTIL.setOpaque(this, 0L);
        PROVED_AFTER.setOpaque(this, 0L);
    }

    /** Whoever read the clock before the minute turned, and comes after one who read it later, counts in the new minute. */
    private void add(VarHandle counter, long nowMillis, long more) {
        long word;
        do {
            word = (long) counter.getOpaque(this);
        } while (!counter.compareAndSet(this, word, sum(word, nowMillis, more)));
    }

    /** The word with so many more in it. */
    static long sum(long word, long nowMillis, long more) {
        long mine = minute(nowMillis);
        long next = mine + 1 & MINUTES;
        long minute = word >>> COUNT_BITS == next && word != 0 ? next : mine;
        long sum = Math.min(COUNT, (word >>> COUNT_BITS == minute ? word & COUNT : 0) + more);
        return minute << COUNT_BITS | sum;
    }

    /** Of the minute in which {@link #add} would count now: a clock that was set back over the minute's turn loses nothing. */
    private long count(VarHandle counter, long nowMillis) {
        return count((long) counter.getOpaque(this), nowMillis);
    }

    static long count(long word, long nowMillis) {
        long mine = minute(nowMillis);
        return word >>> COUNT_BITS == mine || word >>> COUNT_BITS == (mine + 1 & MINUTES) ? word & COUNT : 0;
    }

    private static long minute(long nowMillis) {
        return nowMillis / Counts.MINUTE_MILLIS & MINUTES;
    }
}
