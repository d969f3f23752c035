package dev.tollgate.accounting.limit;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    private @Nullable Buffer read;
    private @Nullable PromptBound bound;

    Ticket(List<Party> parties, boolean dearTier) {
        this.parties = parties;
        this.dearTier = dearTier;
    }

    /** How long the prompt of this body is at most. The same body comes again and again, but a stream that goes on has another. */
    @SuppressWarnings("ReferenceEquality")
    PromptBound bound(Buffer body) {
        PromptBound known = bound;
        if (known == null || read != body) {
            known = PromptBound.of(body);
            bound = known;
            read = body;
        }
        return known;
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
