package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sets aside what one attempt may cost at most, of the budgets of its provider and its deployment. An attempt that could be made
 * elsewhere is refused at once when too little is left; one that could not has its prompt counted, and waits for calls under way.
 * When there are none, it gets what is left, and may generate only what that pays for.
 */
final class AttemptHold implements Purse.Waiter {
    private static final int MOST_WAITING = 1_000;
    private static final long LONGEST_WAIT_MILLIS = 60_000;

    /** What all attempts of a lane are held with. */
    record Desk(
            Counters counters,
            InstantSource clock,
            Context context,
            Consumer<Alert> alerts,
            Function<Buffer, Future<Long>> counting) {
        /** Done, on the lane, when what earlier runs spent is known or after so long: the ledger's thread knows it first. */
        Future<Void> loaded(Duration longest) {
            Promise<Void> here = Promise.promise();
            counters.loaded()
                    .timeout(longest.toMillis(), TimeUnit.MILLISECONDS)
                    .onComplete(_ -> context.runOnContext(_ -> here.complete()));
            return here.future();
        }
    }

    private final Hold asked;
    private final boolean waiting;
    private final List<Party> parties;
    private final Quote quote;
    private final boolean dearTier;
    private final PromptBound bound;
    private final Desk desk;
    private final Lacking lacking;
    private final ZoneId zone;
    private final Promise<Held> decision = Promise.promise();
    private final List<Ticket.Hold> holds = new ArrayList<>(2);
    private long prompt;
    private boolean counted;
    private @Nullable Purse inLineOf;
    private long timer = -1;

    /**
     * {@code waiting}: whether it may wait for others; it would wait for what its own call holds, too. {@code dearTier}: whether the
     * request itself may have asked for a dear service tier.
     */
    AttemptHold(
            Hold asked,
            boolean waiting,
            List<Party> parties,
            Quote quote,
            boolean dearTier,
            PromptBound bound,
            Desk desk,
            ZoneId zone) {
        this.asked = asked;
        this.waiting = waiting;
        this.parties = parties;
        this.quote = quote;
        this.dearTier = dearTier;
        this.desk = desk;
        this.zone = zone;
        this.lacking = new Lacking(parties, desk.counters(), desk.context(), this::attempt);
        this.bound = bound;
        this.prompt = bound.tokens(quote.extras().mostInput());
    }

    Future<Held> begin() {
        attempt();
        return decision.future();
    }

    /** For which deployment. */
    String deploymentId() {
        return asked.deploymentId();
    }

    /** Whether the request itself may have asked for a dear service tier. */
    boolean dearTier() {
        return dearTier;
    }

    /** The attempt is over and has to be paid so much: the rest goes back. */
    void shrink(long nanos) {
        for (int i = 0; i < holds.size(); i++) {
            Ticket.Hold hold = holds.get(i);
            if (hold.nanos() > nanos) {
                holds.set(i, new Ticket.Hold(hold.party(), hold.purse(), nanos));
                hold.purse()
                        .settle(
                                hold.nanos() - nanos,
                                0,
                                hold.party().limits(),
                                desk.clock().instant(),
                                zone);
            }
        }
    }

    /** What is set aside. */
    List<Ticket.Hold> holds() {
        return holds;
    }

    private void attempt() {
        if (decision.future().isComplete()) {
            return;
        }
        Party poor = take(worst());
        if (poor == null) {
            end(Held.YES);
        } else if (elsewhere()) {
            // This is called again, or it is the end.
        } else if (!asked.patient() || spent(poor)) {
            end(Held.over(over(poor)));
        } else if (!counted) {
            count();
        } else if (!waiting || !inLine(poor)) {
            end(whatIsLeft(poor));
        }
    }

    /** Whether other nodes are asked for what is lacking here, or nobody can say what is left, and that is the end. */
    private boolean elsewhere() {
        long nanos = worst();
        return switch (lacking.ask(_ -> nanos, desk.clock().instant(), zone)) {
            case DECIDE -> false;
            case LATER -> {
                waitAtMost(parties.getFirst());
                yield asked.patient() && waiting && counted;
            }
            case WAIT -> true;
            case UNKNOWN -> {
                end(Held.over(Refusals.unknown()));
                yield true;
            }
        };
    }

    private void waitAtMost(Party party) {
        if (timer < 0) {
            timer = desk.context()
                    .owner()
                    .setTimer(LONGEST_WAIT_MILLIS, _ -> desk.context().runOnContext(_ -> tooLong(party)));
        }
    }

    private void tooLong(Party party) {
        // What is taken after the end nobody gives back.
        if (!decision.future().isComplete()) {
            end(whatIsLeft(party));
        }
    }

    private long worst() {
        return quote.nanos(prompt, quote.output(asked.call()), 1);
    }

    /** There is nothing to wait for, or it took too long. */
    private Held whatIsLeft(Party poor) {
        long left = worst();
        for (Party party : parties) {
            left = Math.min(
                    left,
                    party.purse(desk.counters())
                            .left(party.limits(), desk.clock().instant(), zone));
        }
        Admission.Cap cap = quote.cap(asked.call(), left, prompt, 1);
        return cap != null && take(left) == null ? new Held(null, cap) : Held.over(over(poor));
    }

    /** Answers the first party that has too little, or null when all is set aside. */
    private @Nullable Party take(long nanos) {
        for (Party party : parties) {
            Purse purse = party.purse(desk.counters());
            Purse.Taken taken = purse.take(
                    nanos, party.limits(), desk.clock().instant(), zone, purse.equals(inLineOf) ? this : null);
            if (taken != Purse.Taken.YES) {
                List<Ticket.Hold> back = List.copyOf(holds);
                holds.clear();
                back.forEach(hold -> hold.purse().giveBack(hold.nanos(), this));
                return party;
            }
            holds.add(new Ticket.Hold(party, purse, nanos));
        }
        return null;
    }

    private boolean spent(Party party) {
        return spentNanos(party) >= party.limits().budgetNanos();
    }

    private long spentNanos(Party party) {
        return party.purse(desk.counters()).spent(party.limits(), desk.clock().instant(), zone);
    }

    private Held.Over over(Party party) {
        Purse purse = party.purse(desk.counters());
        long spent = spentNanos(party);
        Crossing.refused(party, purse, spent, desk.alerts());
        return Refusals.over(
                party, spent, purse.endMillis(party.limits(), desk.clock().instant(), zone));
    }

    private void count() {
        counted = true;
        desk.counting()
                .apply(asked.call().body())
                .onComplete(tokens -> desk.context().runOnContext(_ -> {
                    if (tokens.succeeded() && tokens.result() > 0) {
                        prompt = Math.min(
                                prompt,
                                bound.counted(tokens.result(), quote.extras().mostInput()));
                    }
                    attempt();
                }));
    }

    /** Waits for those under way; false when there are none. */
    private boolean inLine(Party party) {
        Purse purse = party.purse(desk.counters());
        if (purse.equals(inLineOf)) {
            return purse.waits(this);
        }
        Purse.Place place = purse.await(this, MOST_WAITING);
        if (place != Purse.Place.IN_LINE) {
            return false;
        }
        leaveLine();
        inLineOf = purse;
        waitAtMost(party);
        return true;
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
            leaveLine();
            if (timer >= 0) {
                desk.context().owner().cancelTimer(timer);
            }
        }
    }

    private void leaveLine() {
        Purse purse = inLineOf;
        inLineOf = null;
        if (purse != null) {
            purse.leave(this);
        }
    }
}
