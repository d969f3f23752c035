package dev.tollgate.accounting.price;

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
