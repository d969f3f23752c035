package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose limits a call must keep and whom its cost counts for.
 *
 * @param holder under whose name
 * @param descriptor what they are in LiteLLM's headers and messages: {@code api_key}, {@code team} …
 * @param shown their name in messages
 * @param limits what they may use
 * @param enforced whether the budget is checked, or spend only counted
 */
record Party(Holder holder, String descriptor, @Nullable String shown, Limits limits, boolean enforced) {
    boolean budgeted() {
        return enforced && limits.budgetNanos() != Limits.NONE;
    }

    boolean rated() {
        return limits.rpm() != Limits.NONE || limits.tpm() != Limits.NONE || limits.parallel() != Limits.NONE;
    }

    /** The same without their budgets: a call that costs nothing may be made when all is spent. */
    static List<Party> unbudgeted(List<Party> parties) {
        return budgeted(parties).isEmpty()
                ? parties
                : parties.stream()
                        .map(each -> new Party(each.holder, each.descriptor, each.shown, each.limits, false))
                        .toList();
    }

    /** Those of them that have a budget. Nothing is made where none has one, which each call asks. */
    static List<Party> budgeted(List<Party> parties) {
        List<Party> budgeted = List.of();
        for (int i = 0; i < parties.size(); i++) {
            if (parties.get(i).budgeted()) {
                budgeted = budgeted.isEmpty() ? new ArrayList<>(parties.size() - i) : budgeted;
                budgeted.add(parties.get(i));
            }
        }
        return budgeted;
    }
}
