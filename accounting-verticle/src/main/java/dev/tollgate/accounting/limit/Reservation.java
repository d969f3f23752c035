package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sets aside, of each budget that a call concerns, the most that the call may cost: its prompt by {@link PromptBound} and all the
 * tokens that it may generate. When a budget has less left, the call waits for those under way, which usually cost less than was set
 * aside for them; when there are none, it gets what is left, and may generate only what that pays for.
 */
final class Reservation implements Purse.Waiter {
    private static final int MOST_WAITING = 1_000;
    private static final long LONGEST_WAIT_MILLIS = 60_000;

    /** Fewer generated tokens than this are no answer. */
    private static final long FEWEST_TOKENS = 1;

    private final Call call;
    private final @Nullable String model;
    private final Quote quote;
    private final Ticket ticket;
    private final Counters counters;
    private final BudgetSettings settings;
    private final InstantSource clock;
    private final Context context;
    private final Runnable done;
    private final Promise<Admission> decision = Promise.promise();
    private final List<Party> budgeted;
    private final Lacking lacking;
    private final int legs;
    private final Function<Buffer, Future<Long>> counting;
    private final Consumer<Alert> alerts;
    private long prompt;
    private boolean counted;
    private @Nullable Purse inLineOf;
    private @Nullable Party shortOf;
    private long timer = -1;

    Reservation(
            Call call,
            @Nullable String model,
            Quote quote,
            Ticket ticket,
            AttemptHold.Desk desk,
            BudgetSettings settings,
            int legs,
            Runnable done) {
        this.call = call;
        this.model = model;
        this.quote = quote;
        this.ticket = ticket;
        this.counters = desk.counters();
        this.settings = settings;
        this.clock = desk.clock();
        this.context = desk.context();
        this.legs = legs;
        this.counting = desk.counting();
        this.alerts = desk.alerts();
        this.done = done;
        this.budgeted = ticket.whom.budgeted();
        this.prompt = budgeted.isEmpty()
                ? 0
                : ticket.bound(call.body()).tokens(quote.extras().mostInput());
        this.lacking = new Lacking(budgeted, counters, context, this::attempt);
    }

    Future<Admission> begin() {
        attempt();
        return decision.future();
    }

    /** The most that the call may generate, over all its answers. */
    private long output() {
        if (call.surface() == Surface.EMBEDDINGS) {
            return 0;
        }
        int asked = call.envelope().maxTokens();
        long each = asked > 0 ? asked : quote.mostOutput();
        return each * Math.max(1, call.envelope().choices());
    }

    /** Each step ends it, or waits for something that will call this again, or comes closer to the last one. */
    private void attempt() {
        if (decision.future().isComplete()) {
            return;
        }
        if (budgeted.isEmpty() || take(worst()) == null) {
            grant(null);
        } else if (!elsewhere() && !inLine() && (counted || count())) {
            // Counting may have shown that it fits after all.
            if (take(worst()) == null) {
                grant(null);
            } else if (!elsewhere() && !inLine()) {
                takeWhatIsLeft();
            }
        }
    }

    /** Whether other nodes are asked for what is lacking here, or nobody can say what is left, and that is the end. */
    private boolean elsewhere() {
        long nanos = worst();
        return switch (lacking.ask(_ -> nanos, clock.instant(), settings.zone())) {
            case DECIDE -> false;
            case LATER -> {
                waitAtMost();
                yield counted;
            }
            case WAIT -> {
                waitAtMost();
                yield true;
            }
            case UNKNOWN -> {
                end(Refusals.cutOff());
                yield true;
            }
        };
    }

    private void waitAtMost() {
        if (timer < 0) {
            timer = context.owner().setTimer(LONGEST_WAIT_MILLIS, _ -> context.runOnContext(_ -> tooLong()));
        }
    }

    private long worst() {
        return quote.nanos(prompt, output(), legs);
    }

    /** Bytes are a bound for the prompt, but far from it; before too little is left of a budget its tokens are counted. */
    private boolean count() {
        counted = true;
        Future<Long> count = counting.apply(call.body());
        if (count.isComplete()) {
            closer(count);
            return true;
        }
        count.onComplete(_ -> context.runOnContext(_ -> {
            closer(count);
            attempt();
        }));
        return false;
    }

    private void closer(Future<Long> count) {
        if (count.succeeded() && count.result() > 0) {
            prompt = Math.min(
                    prompt,
                    ticket.bound(call.body())
                            .counted(count.result(), quote.extras().mostInput()));
        }
    }

    /** Sets the amount aside everywhere or nowhere; answers the first party that has too little, or null. */
    private @Nullable Party take(long nanos) {
        Instant now = clock.instant();
        for (Party party : budgeted) {
            Purse purse = party.purse(counters);
            Purse.Taken taken =
                    purse.take(nanos, party.limits(), now, settings.zone(), purse.equals(inLineOf) ? this : null);
            if (taken != Purse.Taken.YES) {
                giveBack();
                shortOf = party;
                return party;
            }
            ticket.holds.add(new Ticket.Hold(party, purse, nanos));
        }
        return null;
    }

    private void giveBack() {
        List<Ticket.Hold> holds = List.copyOf(ticket.holds);
        ticket.holds.clear();
        for (Ticket.Hold hold : holds) {
            hold.purse().giveBack(hold.nanos(), this);
        }
    }

    /** Gets into the line of the party that has too little, or stays in it; false when there is nothing to wait for. */
    private boolean inLine() {
        Party party = shortOf;
        if (party == null) {
            return false;
        }
        Purse purse = party.purse(counters);
        if (purse.equals(inLineOf)) {
            return purse.waits(this);
        }
        return switch (purse.await(this, MOST_WAITING)) {
            case NOTHING_TO_WAIT_FOR -> false;
            case FULL -> {
                tooLong();
                yield true;
            }
            case IN_LINE -> {
                leaveLine();
                inLineOf = purse;
                waitAtMost();
                yield true;
            }
        };
    }

    /** Nobody else is under way: the call may have all that is left, if that pays for its prompt and some words. */
    private void takeWhatIsLeft() {
        Instant now = clock.instant();
        long left = worst();
        Party poorest = budgeted.getFirst();
        for (Party party : budgeted) {
            long has = party.purse(counters).left(party.limits(), now, settings.zone());
            if (has <= left) {
                left = has;
                poorest = party;
            }
        }
        int choices = Math.max(1, call.envelope().choices());
        long tokens = left <= 0 ? -1 : Math.min(output(), quote.outputFor(left, prompt, legs)) / choices;
        if (call.surface() == Surface.EMBEDDINGS || tokens < FEWEST_TOKENS) {
            shortOf = poorest;
            if (!inLine()) {
                refuse(poorest, now);
            }
        } else if (take(left) == null) {
            grant(new Admission.Cap((int) Math.min(Integer.MAX_VALUE, tokens), capMember()));
        } else if (!inLine()) {
            // Somebody was faster, and is done already.
            tooLong();
        }
    }

    /** Only OpenAI's chat has the newer name. */
    private String capMember() {
        return call.surface() == Surface.CHAT ? quote.capMember() : "max_tokens";
    }

    private void refuse(Party party, Instant now) {
        Purse purse = party.purse(counters);
        long spent = purse.spent(party.limits(), now, settings.zone());
        Crossing.refused(party, purse, spent, alerts);
        end(Refusals.budget(
                party,
                spent,
                purse.endMillis(party.limits(), now, settings.zone()),
                settings.exceededStatus(),
                "What is left does not pay for this prompt.",
                now));
    }

    private void grant(Admission.@Nullable Cap cap) {
        Instant now = clock.instant();
        Map<String, String> headers = ticket.whom.headers().told(counters, now);
        if (cap != null) {
            headers = new HashMap<>(headers);
            headers.put("x-tollgate-max-tokens", Integer.toString(cap.maxTokens()));
        }
        end(
                cap == null && model == null && headers.isEmpty()
                        ? Admission.Granted.PLAIN
                        : new Admission.Granted(model, cap, headers));
    }

    private void end(Admission admission) {
        if (decision.tryComplete(admission)) {
            leaveLine();
            if (timer >= 0) {
                context.owner().cancelTimer(timer);
            }
            done.run();
        }
    }

    private void leaveLine() {
        Purse purse = inLineOf;
        inLineOf = null;
        if (purse != null) {
            purse.leave(this);
        }
    }

    /** From any lane. */
    @Override
    public void wake() {
        context.runOnContext(_ -> attempt());
    }

    private void tooLong() {
        end(Refusals.waited(shortOf == null ? budgeted.getFirst() : shortOf));
    }

    /** The client has gone. */
    void abandon() {
        end(Refusals.refused(FailureKind.CLIENT_GONE, "The client closed the connection"));
    }
}
