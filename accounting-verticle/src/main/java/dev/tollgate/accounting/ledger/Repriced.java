package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What new costs of some calls change: sums of days, balances, and what {@link BalanceCheck} has to know of balances that change by
 * another amount than the rows that count for them. That is so where a call counted for others than those who pay for it by the keys
 * and teams of today, or where it is not written down whom it counted for.
 */
final class Repriced {
    private final Payers payers;
    private final Map<DailySpend.Group, DailySpend.Sums> daily = new HashMap<>();
    private final BalanceSums balances = new BalanceSums();
    private final BalanceSums corrections = new BalanceSums();

    Repriced(Payers payers) {
        this.payers = payers;
    }

    /** A call costs so much now. */
    void changed(StoredCall call, long nanos) {
        long more = nanos - call.nanos();
        BalanceSums charged = new BalanceSums();
        call.changed(more, daily, charged, payers);
        Map<Holder, Charge> paying = new HashMap<>();
        charged.sums().forEach((charge, amount) -> {
            balances.add(charge, amount);
            paying.put(charge.holder(), charge);
        });
        Set<Holder> counted = call.chargedTo();
        paying.forEach((holder, charge) -> {
            if (!counted.contains(holder)) {
                corrections.add(charge, more);
            } else if (!Long.valueOf(charge.periodMillis()).equals(payers.stored(holder))) {
                // The row counts as a whole in a period that has only the difference.
                corrections.add(charge, -call.nanos());
            }
        });
        for (Holder holder : counted) {
            Long period = payers.stored(holder);
            if (!paying.containsKey(holder) && period != null && call.endedSince(period)) {
                corrections.add(new Charge(holder, period), -more);
            }
        }
    }

    Map<DailySpend.Group, DailySpend.Sums> daily() {
        return daily;
    }

    BalanceSums balances() {
        return balances;
    }

    BalanceSums corrections() {
        return corrections;
    }
}
