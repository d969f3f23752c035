package dev.tollgate.accounting.book;

/** What was spent, as the admin API shows and changes it. From any thread. */
public interface Balances {

    /** Spent in the present period, in nano-dollars; calls under way do not count. */
    long spentNanos(Holder holder);

    /** Sets what was spent in the present period ({@code reset_spend}, or a {@code spend} given by hand), durably. */
    void set(Holder holder, long nanos);

    /** What was spent goes on to count when the length of the holder's period changes. */
    default void carry(Holder holder) {
        set(holder, spentNanos(holder));
    }

    /** When spend begins anew, in milliseconds since 1970 UTC, or 0: never. */
    long resetsAtMillis(Holder holder, Limits limits);
}
