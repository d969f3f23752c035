package dev.tollgate.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One lane's counters of one deployment: written by that lane alone, read by all lanes of the node, without a lock. A write is a
 * plain store and a read a plain load (opaque: whole, and seen soon); what another lane reads may be some microseconds old.
 *
 * <p>A counter of the minute keeps the minute's number beside the count in one 64-bit word, so that a reader can never take the
 * count of one minute for another's, whoever has turned the minute first. Both stay in range: 2^24 minutes are 31 years, 2^40
 * tokens a minute are more than anyone serves.
 */
final class LoadCells {
    private static final long MINUTE_MILLIS = 60_000;
    private static final int COUNT_BITS = 40;
    private static final long COUNT = (1L << COUNT_BITS) - 1;
    private static final long MINUTES = (1L << (64 - COUNT_BITS)) - 1;

    private static final VarHandle IN_FLIGHT = handle("inFlight");
    private static final VarHandle BEGUN = handle("begun");
    private static final VarHandle SUCCEEDED = handle("succeeded");
    private static final VarHandle TOKENS = handle("tokens");

    @SuppressWarnings("unused")
    private long inFlight;

    @SuppressWarnings("unused")
    private long begun;

    @SuppressWarnings("unused")
    private long succeeded;

    @SuppressWarnings("unused")
    private long tokens;

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(LoadCells.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The field is declared here", e);
        }
    }

    void began(long nowMillis) {
        IN_FLIGHT.setOpaque(this, inFlight() + 1);
        add(BEGUN, nowMillis, 1);
    }

    void ended() {
        IN_FLIGHT.setOpaque(this, Math.max(0, inFlight() - 1));
    }

    void succeeded(long nowMillis) {
        add(SUCCEEDED, nowMillis, 1);
    }

    void used(long nowMillis, long count) {
        add(TOKENS, nowMillis, count);
    }

    /** What somebody else counted, in place of what stood here. */
    void put(Counts counts) {
        IN_FLIGHT.setOpaque(this, counts.inFlight());
        put(BEGUN, counts.minute(), counts.begun());
        put(SUCCEEDED, counts.minute(), counts.succeeded());
        put(TOKENS, counts.minute(), counts.tokens());
    }

    /** Whether nothing was put here, or nothing is under way and nothing was counted. Whatever minute it is of: it is told when it is over. */
    boolean isEmpty() {
        return inFlight() == 0
                && (((long) BEGUN.getOpaque(this) | (long) SUCCEEDED.getOpaque(this) | (long) TOKENS.getOpaque(this))
                                & COUNT)
                        == 0;
    }

    private void put(VarHandle counter, long minute, long count) {
        counter.setOpaque(this, (minute & MINUTES) << COUNT_BITS | Math.min(COUNT, count));
    }

    long inFlight() {
        return (long) IN_FLIGHT.getOpaque(this);
    }

    long begun(long nowMillis) {
        return count(BEGUN, nowMillis);
    }

    long succeededIn(long nowMillis) {
        return count(SUCCEEDED, nowMillis);
    }

    long tokens(long nowMillis) {
        return count(TOKENS, nowMillis);
    }

    private void add(VarHandle counter, long nowMillis, long more) {
        long sum = Math.min(COUNT, count(counter, nowMillis) + more);
        counter.setOpaque(this, minute(nowMillis) << COUNT_BITS | sum);
    }

    private long count(VarHandle counter, long nowMillis) {
        long word = (long) counter.getOpaque(this);
        return word >>> COUNT_BITS == minute(nowMillis) ? word & COUNT : 0;
    }

    private static long minute(long nowMillis) {
        return nowMillis / MINUTE_MILLIS & MINUTES;
    }
}
