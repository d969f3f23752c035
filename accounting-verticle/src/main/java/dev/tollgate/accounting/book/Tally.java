package dev.tollgate.accounting.book;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/**
 * What calls add to those whom they count for. Most of a batch's calls count for the same dozen as another one, so they are summed up by that
 * first: adding each call to each of them took more than all else that is summed up. For one thread.
 */
public final class Tally {
    private final Map<List<Charge>, Sum> sums = new HashMap<>();
    private List<Charge> last = List.of();
    private Sum lastSum = new Sum();

    private static final class Sum {
        private long calls;
        private long nanos;
    }

    /** One more call, and what it cost, in nano-dollars. */
    public void add(List<Charge> charges, long costNanos) {
        if (charges.isEmpty()) {
            return;
        }
        if (!charges.equals(last)) {
            last = charges;
            lastSum = sums.computeIfAbsent(charges, _ -> new Sum());
        }
        lastSum.calls++;
        lastSum.nanos += costNanos;
    }

    /** By how many nano-dollars each charge has grown; one that was several calls' may come several times. */
    public void forEach(ObjLongConsumer<Charge> each) {
        sums.forEach((charges, sum) -> {
            for (Charge charge : charges) {
                each.accept(charge, charge.whole() ? sum.nanos : charge.partNanos() * sum.calls);
            }
        });
    }
}
