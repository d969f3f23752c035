package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Charge;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom the parts of a call count for, each with all that it cost.
 *
 * @param earlier of the parts that were not the last, in their order; usually none
 * @param last of the part that ended the call
 */
public record Charged(List<List<Charge>> earlier, List<Charge> last) {
    /** They count for nobody. */
    static final Charged NOBODY = new Charged(List.of(), List.of());

    /** Those who pay and those who are paid. */
    public Charged and(Charged others) {
        if (others.last.isEmpty() && others.earlier.isEmpty()) {
            return this;
        }
        List<List<Charge>> both = new ArrayList<>(earlier.size());
        for (int i = 0; i < earlier.size(); i++) {
            both.add(joined(earlier.get(i), others.earlier.get(i)));
        }
        return new Charged(both, joined(last, others.last));
    }

    private static List<Charge> joined(List<Charge> some, List<Charge> others) {
        List<Charge> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
