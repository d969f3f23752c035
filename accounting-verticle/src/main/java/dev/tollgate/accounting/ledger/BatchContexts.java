package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Charge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Contexts of the rows of a batch. Whom they count for is written once for all that count for the same: it is the longest text of all. */
final class BatchContexts {
    private final Map<List<Charge>, String> written = new HashMap<>();
    private List<Charge> last = List.of();
    private String lastText = "";

    Context of(SpendRow row) {
        return Context.of(row, row.costNanos() == 0 ? null : chargedTo(row.charges()));
    }

    private String chargedTo(List<Charge> charges) {
        if (!charges.equals(last)) {
            last = charges;
            lastText = written.computeIfAbsent(charges, ChargedTo::text);
        }
        return lastText;
    }
}
