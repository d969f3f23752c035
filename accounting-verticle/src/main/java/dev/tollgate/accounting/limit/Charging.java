package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** Divides what a call cost among its parts, so that each has charges of its own; most calls have one. */
final class Charging {
    private static final long[] NONE = {};

    private final Settlement settlement;
    private final long lastNanos;
    private final long[] earlierNanos;
    private final List<Charge> last;
    private final List<List<Charge>> earlier;

    /**
     * Begins with nobody.
     *
     * @param nanos what the call cost in all
     * @param priced what an earlier part of it cost
     * @param most how many are concerned at most
     */
    Charging(Settlement settlement, long nanos, ToLongFunction<Leg> priced, int most) {
        this.settlement = settlement;
        this.last = new ArrayList<>(most);
        List<Leg> legs = settlement.earlier();
        long left = nanos;
        if (legs.isEmpty()) {
            earlier = List.of();
            earlierNanos = NONE;
        } else {
            earlier = new ArrayList<>(legs.size());
            earlierNanos = new long[legs.size()];
            for (int i = 0; i < earlierNanos.length; i++) {
                earlierNanos[i] = priced.applyAsLong(legs.get(i));
                left -= earlierNanos[i];
                earlier.add(new ArrayList<>(most));
            }
        }
        lastNanos = left;
    }

    /** Counts for a holder, in the period that began then, what went to these deployments. */
    void add(Holder holder, long periodMillis, Predicate<String> deployments) {
        for (int i = 0; i < earlierNanos.length; i++) {
            if (earlierNanos[i] != 0
                    && deployments.test(settlement.earlier().get(i).deploymentId())) {
                earlier.get(i).add(new Charge(holder, periodMillis));
            }
        }
        if (lastNanos != 0 && deployments.test(settlement.route().deploymentId())) {
            last.add(new Charge(holder, periodMillis));
        }
    }

    /** Whatever the deployment. */
    static boolean anywhere(String deploymentId) {
        return true;
    }

    Charged charged() {
        return new Charged(earlier, last);
    }
}
