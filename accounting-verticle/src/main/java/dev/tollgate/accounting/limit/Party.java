package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Somebody whose limits a call must keep and whom its cost counts for. Used on one lane, for many calls. */
final class Party {
    private final Holder holder;
    private final String descriptor;
    private final @Nullable String shown;
    private final Limits limits;
    private final boolean enforced;
    private @Nullable Purse purse;
    private @Nullable MinuteWindow window;

    /**
     * Of these limits.
     *
     * @param holder under whose name
     * @param descriptor what they are in LiteLLM's headers and messages: {@code api_key}, {@code team} …
     * @param shown their name in messages
     * @param limits what they may use
     * @param enforced whether the budget is checked, or spend only counted
     */
    Party(Holder holder, String descriptor, @Nullable String shown, Limits limits, boolean enforced) {
        this.holder = holder;
        this.descriptor = descriptor;
        this.shown = shown;
        this.limits = limits;
        this.enforced = enforced;
    }

    Holder holder() {
        return holder;
    }

    String descriptor() {
        return descriptor;
    }

    @Nullable String shown() {
        return shown;
    }

    Limits limits() {
        return limits;
    }

    boolean enforced() {
        return enforced;
    }

    /** Its purse, of the node's counters; looked up once, for a call asks a dozen parties half a dozen times. */
    Purse purse(Counters counters) {
        Purse known = purse;
        if (known == null) {
            known = counters.purse(holder);
            purse = known;
        }
        return known;
    }

    /** Its minute, in the same way. */
    MinuteWindow window(Counters counters) {
        MinuteWindow known = window;
        if (known == null) {
            known = counters.window(holder);
            window = known;
        }
        return known;
    }

    boolean budgeted() {
        return enforced && limits.budgetNanos() != Limits.NONE;
    }

    boolean rated() {
        return limits.rpm() != Limits.NONE || limits.tpm() != Limits.NONE || limits.parallel() != Limits.NONE;
    }

    /** The same without its budget. */
    Party unbudgeted() {
        return new Party(holder, descriptor, shown, limits, false);
    }

    /** Whether both are the same in all that was said of them. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Party its
                        && holder.equals(its.holder)
                        && descriptor.equals(its.descriptor)
                        && Objects.equals(shown, its.shown)
                        && limits.equals(its.limits)
                        && enforced == its.enforced;
    }

    @Override
    public int hashCode() {
        return holder.hashCode();
    }
}
