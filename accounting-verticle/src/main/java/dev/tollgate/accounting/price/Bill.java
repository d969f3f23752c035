package dev.tollgate.accounting.price;

import dev.tollgate.protocol.Leg;
import java.util.List;

/**
 * What a finished call cost, by its parts.
 *
 * @param earlier parts that were not the last, in their order; usually none
 * @param last the part that ended it
 */
public record Bill(List<Cost> earlier, Cost last) {
    /** What all parts cost, in nano-dollars. */
    public long nanos() {
        long nanos = last.nanos();
        for (Cost cost : earlier) {
            nanos += cost.nanos();
        }
        return nanos;
    }

    /**
     * What one of the earlier parts cost, in nano-dollars; 0 when it is none of them. It is known by being the same object: two parts may
     * say the same of themselves and have ended at hours of different prices.
     *
     * @param parts all of them, in their order
     */
    @SuppressWarnings("ReferenceEquality")
    public long nanos(List<Leg> parts, Leg part) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) == part) {
                return earlier.get(i).nanos();
            }
        }
        return 0;
    }

    /** Whether it is known of each of them. */
    public boolean priced() {
        for (Cost cost : earlier) {
            if (!cost.priced()) {
                return false;
            }
        }
        return last.priced();
    }
}
