package dev.tollgate.accounting.limit;

import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import io.vertx.core.buffer.Buffer;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
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
     * @param party whose
     * @param window where
     * @param begun the step it was counted in
     * @param tokens how many tokens were set aside
     */
    record Place(Party party, MinuteWindow window, long begun, long tokens) {}

    /** Whom it concerned when it was let in. */
    final Concerned whom;

    /** Whom it concerns now. */
    List<Party> parties;

    /** Whether the request itself may have asked for a dear service tier. */
    final boolean dearTier;

    final List<Hold> holds = new ArrayList<>(2);
    final List<Place> places = new ArrayList<>(2);

    /** Whether its call is over: what is counted after that nobody takes back. */
    boolean ended;

    /** Null: it is still where it was let in. */
    @Nullable Detours detours;

    /** Whoever has a body to keep drops it when a stream begins. */
    private WeakReference<Buffer> read = new WeakReference<>(null);

    private @Nullable PromptBound bound;

    Ticket(Concerned whom, boolean dearTier) {
        this.whom = whom;
        this.parties = whom.parties();
        this.dearTier = dearTier;
    }

    /** What was let in beside it is a part of it. */
    void join(Ticket beside) {
        List<Party> all = new ArrayList<>(parties);
        all.addAll(beside.parties);
        parties = all;
        places.addAll(beside.places);
    }

    /** It is let in beside it no longer; answers what was set aside of its parties' money. */
    List<Hold> part(Ticket beside) {
        parties = parties.stream()
                .filter(party -> !beside.parties.contains(party))
                .toList();
        beside.places.forEach(places::remove);
        List<Hold> theirs = holds.stream()
                .filter(hold -> beside.parties.contains(hold.party()))
                .toList();
        holds.removeAll(theirs);
        return theirs;
    }

    /** Whether an attempt on that deployment counts for a party. */
    boolean concerns(Party party, String deploymentId) {
        return detours == null || detours.concerns(party, deploymentId);
    }

    /** What of a call counts for one party; {@code part}: of an earlier part of it. */
    long share(Party party, Settlement settlement, long all, ToLongFunction<Leg> part) {
        return detours == null ? all : detours.share(party, settlement, all, part);
    }

    /** How long the prompt of this body is at most. The same body comes again and again, but a stream that goes on has another. */
    PromptBound bound(Buffer body) {
        PromptBound known = bound;
        if (known == null || !read.refersTo(body)) {
            known = PromptBound.of(body);
            bound = known;
            read = new WeakReference<>(body);
        }
        return known;
    }

    /**
     * What is set aside of each of these parties' money, in their order; no two of them are one holder. Holds stand in that order as a
     * rule, so each is found at once.
     */
    static long[] held(List<Hold> holds, List<Party> parties) {
        long[] sums = new long[parties.size()];
        int at = 0;
        for (int i = 0; i < holds.size(); i++) {
            Hold hold = holds.get(i);
            for (int tried = 0; tried < sums.length; tried++) {
                int here = at;
                at = at + 1 == sums.length ? 0 : at + 1;
                if (parties.get(here).holder().equals(hold.party().holder())) {
                    sums[here] += hold.nanos();
                    break;
                }
            }
        }
        return sums;
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
