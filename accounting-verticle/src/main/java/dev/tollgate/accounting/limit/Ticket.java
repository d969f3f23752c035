package dev.tollgate.accounting.limit;

import java.util.ArrayList;
import java.util.List;

/** What one admitted call has set aside. Lives on one lane. */
final class Ticket {
    /**
     * Of one party's money.
     *
     * @param party whose
     * @param purse where
     * @param nanos how much, in nano-dollars
     */
    record Hold(Party party, Purse purse, long nanos) {}

    /**
     * Of one party's minute.
     *
     * @param window where
     * @param begun the step it was counted in
     * @param tokens how many tokens were set aside
     */
    record Place(MinuteWindow window, long begun, long tokens) {}

    final List<Party> parties;

    /** Whether the request itself may have asked for a dear service tier. */
    final boolean dearTier;

    final List<Hold> holds = new ArrayList<>(2);
    final List<Place> places = new ArrayList<>(2);

    Ticket(List<Party> parties, boolean dearTier) {
        this.parties = parties;
        this.dearTier = dearTier;
    }

    /** What is set aside of this party's money. */
    long held(Party party) {
        long held = 0;
        for (Hold hold : holds) {
            if (hold.party().holder().equals(party.holder())) {
                held += hold.nanos();
            }
        }
        return held;
    }
}
