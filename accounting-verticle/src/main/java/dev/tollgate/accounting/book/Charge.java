package dev.tollgate.accounting.book;

/**
 * Whom a call's cost counts for, and in which period. Of one holder's periods the one that began last is the present one.
 *
 * @param holder who
 * @param periodMillis when the period began, in milliseconds since 1970 UTC; 0: spend that never begins anew
 * @param partNanos how much of the cost counts, in nano-dollars, or {@link #WHOLE}: a provider is paid for its own part of a call
 */
public record Charge(Holder holder, long periodMillis, long partNanos) {
    /** All of it. */
    public static final long WHOLE = -1;

    /** All of the cost counts. */
    public Charge(Holder holder, long periodMillis) {
        this(holder, periodMillis, WHOLE);
    }

    /** Whether all of the cost counts. */
    public boolean whole() {
        return partNanos == WHOLE;
    }

    /** The same holder and period, as a balance has them. */
    public Charge asBalance() {
        return whole() ? this : new Charge(holder, periodMillis);
    }
}
