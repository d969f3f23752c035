package dev.tollgate.accounting.limit;

import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Another attempt of a call of which earlier ones have to be paid, though they brought no answer. At admission so much was set aside as
 * its answer may cost; here that is raised to what is owed already and all that the next attempt may cost, so that budgets hold. Where
 * too little is left the prompt is counted, then other calls are waited for, unless all of them wait for more as well; then the
 * attempt gets what is left, and may generate only what that pays for.
 */
final class TopUp implements Purse.Waiter {
    private static final long LONGEST_WAIT_MILLIS = 60_000;

    /**
     * What is needed.
     *
     * @param asked the attempt, with the call as it is to be sent
     * @param quote the most that the attempt may cost
     * @param legs how many upstreams may be paid for it at once
     * @param priced what has to be paid for an earlier attempt, in nano-dollars
     */
    record Need(Hold asked, Quote quote, int legs, ToLongFunction<Leg> priced) {
        Call call() {
            return asked.call();
        }

        /** Somebody else may be asked instead: a group that a call falls back to is passed over. */
        boolean impatient() {
            return asked.fallback() != null && !asked.patient();
        }
    }

    private final Need need;
    private final Ticket ticket;
    private final AttemptHold.Desk desk;
    private final ZoneId zone;
    private final List<Party> budgeted;
    private final Lacking lacking;
    private final Promise<Held> decision = Promise.promise();
    private long prompt;
    private boolean counted;
    private boolean impatient;
    private @Nullable Party shortOf;

    /** In whose line it stands. */
    private @Nullable Purse inLineOf;

    /** What it holds meanwhile, as it was then. */
    private List<Ticket.Hold> paused = List.of();

    private long timer = -1;

    TopUp(Need need, Ticket ticket, AttemptHold.Desk desk, ZoneId zone) {
        this.need = need;
        this.ticket = ticket;
        this.desk = desk;
        this.zone = zone;
        this.budgeted = ticket.parties.stream().filter(Party::budgeted).toList();
        this.lacking = new Lacking(budgeted, desk.counters(), desk.context(), this::attempt);
        this.prompt =
                ticket.bound(need.call().body()).tokens(need.quote().extras().mostInput());
    }

    Future<Held> begin() {
        attempt();
        return decision.future();
    }

    private void attempt() {
        if (decision.future().isComplete()) {
            return;
        }
        if (raised(worst())) {
            end(Held.YES);
        } else if (elsewhere()) {
            // This is called again, or it is the end.
        } else if (need.impatient()) {
            end(refused(shortOf == null ? budgeted.getFirst() : shortOf));
        } else if (!counted) {
            count();
        } else if (impatient || !waits()) {
            end(capped());
        }
    }

    /** Whether other nodes are asked for what is lacking here, or nobody can say what is left, and that is the end. */
    private boolean elsewhere() {
        long nanos = worst();
        return switch (lacking.ask(party -> lacking(party, nanos), desk.clock().instant(), zone)) {
            case DECIDE -> false;
            case LATER -> {
                boolean stays = counted && !impatient;
                if (stays) {
                    // Others must not wait for what is set aside here, while here they are waited for.
                    rest();
                }
                waitAtMost();
                yield stays;
            }
            case WAIT -> true;
            case UNKNOWN -> {
                end(Held.over(Refusals.unknown()));
                yield true;
            }
        };
    }

    private void waitAtMost() {
        if (timer < 0) {
            timer = desk.context()
                    .owner()
                    .setTimer(
                            LONGEST_WAIT_MILLIS,
                            _ -> desk.context().runOnContext(_ -> {
                                impatient = true;
                                attempt();
                            }));
        }
    }

    /** The attempt alone. */
    private long worst() {
        return need.quote().nanos(prompt, need.quote().output(need.call()), need.legs());
    }

    /** What counts for the party of all that is owed, and of an attempt that costs so much, and is not set aside. */
    private long lacking(Party party, long nanos) {
        return owed(party) + (ticket.concerns(party, need.asked().deploymentId()) ? nanos : 0) - ticket.held(party);
    }

    private long owed(Party party) {
        long owed = 0;
        for (Leg leg : need.asked().owed()) {
            owed += ticket.concerns(party, leg.deploymentId()) ? need.priced().applyAsLong(leg) : 0;
        }
        return owed;
    }

    /** Sets aside what is missing for an attempt that costs so much, everywhere or nowhere. */
    private boolean raised(long nanos) {
        Instant now = desk.clock().instant();
        // To take some and to give it back would wake others, and they us.
        for (Party party : budgeted) {
            if (lacking(party, nanos) > purse(party).left(party.limits(), now, zone)) {
                shortOf = party;
                return false;
            }
        }
        List<Ticket.Hold> taken = new ArrayList<>(budgeted.size());
        for (Party party : budgeted) {
            long more = lacking(party, nanos);
            if (more > 0 && !purse(party).takeMore(more, party.limits(), now, zone)) {
                shortOf = party;
                taken.forEach(hold -> hold.purse().giveBack(hold.nanos(), this));
                return false;
            }
            if (more > 0) {
                taken.add(new Ticket.Hold(party, purse(party), more));
            }
        }
        ticket.holds.addAll(taken);
        return true;
    }

    private Purse purse(Party party) {
        return party.purse(desk.counters());
    }

    private void count() {
        counted = true;
        desk.counting()
                .apply(need.call().body())
                .onComplete(bound -> desk.context().runOnContext(_ -> {
                    if (bound.succeeded() && bound.result() > 0) {
                        prompt = Math.min(
                                prompt,
                                ticket.bound(need.call().body())
                                        .counted(
                                                bound.result(),
                                                need.quote().extras().mostInput()));
                    }
                    attempt();
                }));
    }

    /** Waits for others in the line of the purse that has too little; false when none of them can give anything back. */
    private boolean waits() {
        Party party = shortOf;
        if (party == null) {
            return false;
        }
        Purse purse = purse(party);
        if (!purse.equals(inLineOf)) {
            leaveLine();
            inLineOf = purse;
            purse.awaitFirst(this);
            rest();
        }
        waitAtMost();
        return purse.moves();
    }

    /** Nothing of what it holds comes back before it has more. */
    private void rest() {
        if (paused.isEmpty()) {
            paused = List.copyOf(ticket.holds);
            paused.forEach(hold -> hold.purse().pause(hold.nanos()));
        }
    }

    /** What is left may do for a shorter answer. */
    private Held capped() {
        Instant now = desk.clock().instant();
        long left = worst();
        Party poorest = budgeted.getFirst();
        for (Party party : budgeted) {
            long has = ticket.held(party) + purse(party).left(party.limits(), now, zone) - owed(party);
            if (has <= left && ticket.concerns(party, need.asked().deploymentId())) {
                left = has;
                poorest = party;
            }
        }
        Admission.Cap cap = need.quote().cap(need.call(), left, prompt, need.legs());
        return cap != null && raised(left) ? new Held(null, cap) : refused(poorest);
    }

    private Held refused(Party poorest) {
        Instant now = desk.clock().instant();
        Purse purse = purse(poorest);
        long spent = purse.spent(poorest.limits(), now, zone);
        Crossing.refused(poorest, purse, spent, desk.alerts());
        return Held.over(Refusals.over(poorest, spent, purse.endMillis(poorest.limits(), now, zone)));
    }

    /** From any lane. */
    @Override
    public void wake() {
        desk.context().runOnContext(_ -> attempt());
    }

    /** Nobody wants it any more. */
    void abandon() {
        end(Held.over(new Held.Over("The client closed the connection", 0)));
    }

    private void end(Held held) {
        if (decision.tryComplete(held)) {
            goOn();
            if (timer >= 0) {
                desk.context().owner().cancelTimer(timer);
            }
        }
    }

    private void goOn() {
        paused.forEach(hold -> hold.purse().resume(hold.nanos()));
        paused = List.of();
        leaveLine();
    }

    private void leaveLine() {
        Purse purse = inLineOf;
        inLineOf = null;
        if (purse != null) {
            purse.leave(this);
        }
    }
}
