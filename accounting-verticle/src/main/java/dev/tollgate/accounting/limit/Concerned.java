package dev.tollgate.accounting.limit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whom a call concerns, and what follows from that: found out once for all calls that are alike. Used on one lane. */
final class Concerned {
    private final List<Party> parties;
    private final List<Party> budgeted;
    private @Nullable Concerned unbudgeted;
    private @Nullable LimitHeaders headers;

    Concerned(List<Party> parties) {
        this.parties = List.copyOf(parties);
        this.budgeted = this.parties.stream().filter(Party::budgeted).toList();
    }

    List<Party> parties() {
        return parties;
    }

    /** Those of them that have a budget. */
    List<Party> budgeted() {
        return budgeted;
    }

    /** The same without their budgets: a call that costs nothing may be made when all is spent. */
    Concerned unbudgeted() {
        if (budgeted.isEmpty()) {
            return this;
        }
        Concerned known = unbudgeted;
        if (known == null) {
            known = new Concerned(parties.stream().map(Party::unbudgeted).toList());
            unbudgeted = known;
        }
        return known;
    }

    /** What a client is told of their limits. */
    LimitHeaders headers() {
        LimitHeaders known = headers;
        if (known == null) {
            known = LimitHeaders.of(parties);
            headers = known;
        }
        return known;
    }
}
