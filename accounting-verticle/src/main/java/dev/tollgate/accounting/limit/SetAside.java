package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is set aside for one call, as charges, for the case that nobody will ever know what it cost.
 *
 * @param nanos the most that it can cost anybody with a budget, in nano-dollars; 0: no budget is concerned, so nothing is set aside
 * @param charges whom it counts for: a budget for what it has set aside itself, others for all
 */
public record SetAside(long nanos, List<Charge> charges) {
    private static final SetAside NOTHING = new SetAside(0, List.of());

    /**
     * Of a call whose present attempt goes to that deployment.
     *
     * @param ticket null: it was let in without being asked
     * @param parties whom it concerns
     * @param paid what those have set aside who are paid for it
     */
    static SetAside of(
            @Nullable Ticket ticket,
            List<Party> parties,
            String deploymentId,
            List<Ticket.Hold> paid,
            Counters counters,
            Instant now,
            ZoneId zone) {
        long[] held = ticket == null ? new long[parties.size()] : Ticket.held(ticket.holds, parties);
        long most = most(paid);
        for (long each : held) {
            most = Math.max(most, each);
        }
        if (most == 0) {
            return NOTHING;
        }
        List<Charge> charges = new ArrayList<>();
        for (int i = 0; i < held.length; i++) {
            Party party = parties.get(i);
            boolean concerned = ticket == null || ticket.concerns(party, deploymentId);
            long nanos = ticket != null && party.budgeted() ? held[i] : concerned ? most : 0;
            add(charges, party, party.purse(counters), nanos, most, now, zone);
        }
        for (int i = 0; i < paid.size(); i++) {
            Ticket.Hold hold = paid.get(i);
            Holder holder = hold.party().holder();
            if (paid.subList(0, i).stream()
                    .noneMatch(each -> each.party().holder().equals(holder))) {
                add(charges, hold.party(), hold.purse(), sum(paid, holder), most, now, zone);
            }
        }
        return new SetAside(most, charges);
    }

    private static void add(
            List<Charge> charges, Party party, Purse purse, long nanos, long most, Instant now, ZoneId zone) {
        if (nanos > 0) {
            long began = purse.beganMillis(party.limits(), now, zone);
            charges.add(new Charge(party.holder(), began, nanos == most ? Charge.WHOLE : nanos));
        }
    }

    private static long most(List<Ticket.Hold> holds) {
        long most = 0;
        for (int i = 0; i < holds.size(); i++) {
            most = Math.max(most, sum(holds, holds.get(i).party().holder()));
        }
        return most;
    }

    /** One attempt after another may have something set aside by the same. */
    private static long sum(List<Ticket.Hold> holds, Holder holder) {
        long sum = 0;
        for (int i = 0; i < holds.size(); i++) {
            Ticket.Hold hold = holds.get(i);
            sum += hold.party().holder().equals(holder) ? hold.nanos() : 0;
        }
        return sum;
    }
}
