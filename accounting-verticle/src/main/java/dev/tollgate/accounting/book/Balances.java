package dev.tollgate.accounting.book;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was spent, as the admin API shows and changes it. From any thread. */
public interface Balances {

    /** Returns when it is known what earlier runs spent, or that time is over: what is shown then is what is known here. */
    void known(Duration longest);

    /** Spent in the present period, in nano-dollars; calls under way do not count. */
    long spentNanos(Holder holder);

    /** What is counted apart of these holders' spend, by model and by window, as far as anything was. */
    List<Holder> parts(Set<Holder> of);

    /** Fails when it cannot be found out what these have spent, so that it could not be carried over. */
    void found(Set<Holder> carry);

    /**
     * Changes what counts as spent, durably, all or nothing.
     *
     * @param set what was spent in the present period, in nano-dollars ({@code reset_spend}, or a {@code spend} given by hand)
     * @param carry whose spend goes on to count, because the length of their period changes
     */
    void change(Map<Holder, Long> set, Set<Holder> carry);

    /** When spend begins anew, in milliseconds since 1970 UTC, or 0: never. */
    long resetsAtMillis(Holder holder, Limits limits);
}
