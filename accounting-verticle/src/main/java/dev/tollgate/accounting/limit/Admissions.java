package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls in and settles them, on one lane: access to the model, rate limits, then budgets, of everyone concerned. What is set aside
 * goes back with the settlement, or when the call is released without one.
 */
public final class Admissions {
    /** How often other nodes are asked for one call: what they gave may be taken by another call each time. */
    static final int MOST_ROUNDS = 100;

    private static final Duration LONGEST_START = Duration.ofSeconds(10);

    private final Context context;
    private final Accounts accounts;
    private final Counters counters;
    private final Objections objections;
    private final Parties parties;
    private final Rates rates;
    private final Quotes quotes;
    private final InstantSource clock;
    private final Consumer<Alert> alerts;
    private final AttemptHold.Desk desk;
    private final Map<String, Ticket> admitted = new HashMap<>();
    private final TopUps topUps;
    private final Detouring detouring;
    private final Map<String, Reservation> waiting = new HashMap<>();
    private BudgetSettings settings;
    private RouterSettings.Trying trying;

    /** One for each lane. */
    public Admissions(
            Context context,
            Accounts accounts,
            Counters counters,
            Prices prices,
            Snapshot config,
            InstantSource clock,
            Consumer<Alert> alerts,
            Function<Buffer, Future<Long>> counting) {
        this.context = context;
        this.alerts = alerts;
        this.accounts = accounts;
        this.counters = counters;
        this.objections =
                new Objections(accounts, counters, alerts, config.general().budgets());
        this.parties = new Parties(accounts);
        this.rates = new Rates(counters);
        this.quotes = new Quotes(prices, config);
        this.desk = new AttemptHold.Desk(counters, clock, context, alerts, counting);
        this.topUps = new TopUps(desk, quotes);
        this.detouring = new Detouring(
                desk,
                objections,
                parties,
                rates,
                quotes,
                config.general().budgets().zone());
        this.clock = clock;
        this.settings = config.general().budgets();
        this.trying = config.router().trying();
        parties.configured(settings);
    }

    /** Another configuration is in force. */
    public void configured(Snapshot next) {
        settings = next.general().budgets();
        trying = next.router().trying();
        objections.configured(settings);
        detouring.configured(settings.zone());
        parties.configured(settings);
        quotes.configured(next);
    }

    /** Decides about a call. Waits while too little is left of a budget and calls under way may give something back. */
    public Future<Admission> admit(Call call) {
        String model = alias(call);
        String wanted = model == null ? call.envelope().model() : model;
        if (!call.caller().models().allows(wanted)) {
            return refused(new Admission.Refused(call.caller().models().refusal(wanted), Map.of()));
        }
        Admission stopped = objections.ofEndUser(call, wanted);
        if (stopped != null) {
            return refused(stopped);
        }
        Quote plain = quotes.of(wanted, call.envelope().overrides());
        if (!plain.priced() && settings.unpriced() == BudgetSettings.Unpriced.DENY) {
            return refused(Refusals.unpriced(wanted));
        }
        Concerned all = parties.of(
                call.caller(), call.envelope().user(), call.envelope().tags(), wanted);
        Concerned concerned = plain.free() ? all.unbudgeted() : all;
        boolean budgeted = !concerned.budgeted().isEmpty();
        Wants wants = budgeted ? Wants.of(call) : Wants.ofTier(call);
        Asked asked = new Asked(call, model, budgeted ? plain.asked(wants) : plain, concerned, wants.dearTier());
        return budgeted && !counters.loaded().isComplete()
                ? desk.loaded(LONGEST_START).compose(_ -> admit(asked, 1))
                : admit(asked, 1);
    }

    /** Which model a call means that costs nothing, and whether its caller may use it. */
    public Future<Admission> named(Call call) {
        String model = alias(call);
        String wanted = model == null ? call.envelope().model() : model;
        if (!call.caller().models().allows(wanted)) {
            return refused(new Admission.Refused(call.caller().models().refusal(wanted), Map.of()));
        }
        Admission.Granted granted =
                model == null ? Admission.Granted.PLAIN : new Admission.Granted(model, null, Map.of());
        return Future.succeededFuture(granted.within(objections.region(call)));
    }

    /** A call that waits to be let in, at this price. */
    private record Asked(Call call, @Nullable String model, Quote quote, Concerned concerned, boolean dearTier) {}

    private Future<Admission> admit(Asked asked, int round) {
        Instant now = clock.instant();
        Ticket ticket = new Ticket(asked.concerned, asked.dearTier);
        Admission.Refused spent = objections.ofBudgets(asked.concerned.budgeted(), now);
        if (spent != null) {
            return refused(told(spent, ticket));
        }
        Call call = asked.call;
        return switch (rates.enter(ticket, call, now)) {
            case null -> reserved(asked, ticket);
            case Rates.Refusal refusal -> refused(told(refusal.refused(), ticket));
            case Rates.Lack _ when round == MOST_ROUNDS -> refused(told(Refusals.cutOff(), ticket));
            case Rates.Lack lack -> {
                Promise<Admission> later = Promise.promise();
                lack.portion()
                        .ask(
                                lack.need(),
                                () -> context.runOnContext(
                                        _ -> admit(asked, round + 1).onComplete(later)));
                yield later.future();
            }
        };
    }

    private Future<Admission> reserved(Asked asked, Ticket ticket) {
        Call call = asked.call;
        Reservation reservation = new Reservation(
                call, asked.model, asked.quote, ticket, desk, settings, legs(call), () -> waiting.remove(call.id()));
        Future<Admission> decided = reservation.begin();
        if (!decided.isComplete()) {
            waiting.put(call.id(), reservation);
        }
        return decided.map(admission -> kept(call, ticket, admission));
    }

    /** How many upstreams may be paid for one call: a second attempt beside the first, and one that carries a broken stream on. */
    private int legs(Call call) {
        boolean goesOn = call.envelope().stream() && trying.midStreamFallbacks();
        return 1 + (trying.hedging().enabled() ? 1 : 0) + (goesOn ? 1 : 0);
    }

    private Admission kept(Call call, Ticket ticket, Admission admission) {
        return switch (admission) {
            case Admission.Granted granted -> {
                admitted.put(call.id(), ticket);
                yield granted.within(objections.region(call));
            }
            case Admission.Refused refused -> {
                Rates.undo(ticket, clock.instant());
                yield told(refused, ticket);
            }
        };
    }

    /** A refusal tells of the key, too. */
    private Admission told(Admission.Refused refused, Ticket ticket) {
        return new Admission.Refused(
                refused.failure(), ticket.whom.headers().behind(refused.headers(), counters, clock.instant()));
    }

    /** What the caller's key has spent in its period, in nano-dollars, or -1: it came with none. */
    public long keySpentNanos(Caller caller) {
        Account.Key key = caller.unlimited() || caller.keyHash() == null ? null : accounts.key(caller.keyHash());
        return key == null ? -1 : counters.purse(key.holder()).spentAt(clock.instant());
    }

    /** Another name that the key or its team has for a model. */
    private @Nullable String alias(Call call) {
        Caller caller = call.caller();
        Account.Key key = caller.keyHash() == null ? null : accounts.key(caller.keyHash());
        String name = key == null ? null : key.aliases().get(call.envelope().model());
        if (name == null && caller.teamId() != null) {
            Account.Team team = accounts.team(caller.teamId());
            name = team == null ? null : team.aliases().get(call.envelope().model());
        }
        return name;
    }

    /**
     * Another attempt of a call of which earlier ones have to be paid, or that has fallen back to another model.
     *
     * @param priced what earlier attempts cost
     * @param payees asks those who are paid for it, when those who pay have nothing against it
     */
    public Future<Held> more(Hold asked, ToLongFunction<Leg> priced, Supplier<Future<Held>> payees) {
        Ticket ticket = admitted.get(asked.call().id());
        return ticket == null
                ? payees.get()
                : detouring.within(
                        asked,
                        ticket,
                        () -> topUps.of(asked, ticket, trying, settings.zone(), priced)
                                .compose(more -> more.over() == null
                                        ? payees.get().map(more::and)
                                        : Future.succeededFuture(more)));
    }

    /** How long the prompt of a call is at most, by its body. */
    public PromptBound bound(Call call) {
        Ticket ticket = admitted.get(call.id());
        return ticket == null ? PromptBound.of(call.body()) : ticket.bound(call.body());
    }

    /**
     * What is set aside for a call that is under way, by those who pay and those who are paid: all that it can cost them.
     *
     * @param deploymentId where its present attempt goes
     */
    public SetAside setAside(Call call, String deploymentId, Payments payments) {
        Ticket ticket = admitted.get(call.id());
        List<Ticket.Hold> paid = payments.holds(call.id());
        List<Party> concerned = ticket != null
                ? ticket.parties
                : paid.isEmpty()
                        ? List.of()
                        : parties.of(
                                        call.caller(),
                                        call.envelope().user(),
                                        call.envelope().tags(),
                                        call.envelope().model())
                                .parties();
        return SetAside.of(ticket, concerned, deploymentId, paid, counters, clock.instant(), settings.zone());
    }

    /** Nobody waits for that attempt any more. */
    public void unhold(String callId) {
        topUps.abandon(callId);
        detouring.abandon(callId);
    }

    /**
     * A call is over: gives back what was set aside.
     *
     * @param nanos what it cost in all, in nano-dollars
     * @param priced what an earlier part of it cost
     * @return whom each part of it counts for
     */
    public Charged settle(Settlement settlement, long nanos, ToLongFunction<Leg> priced) {
        Ticket ticket = admitted.remove(settlement.callId());
        Instant now = clock.instant();
        List<Party> concerned = ticket != null
                ? ticket.parties
                : parties.of(settlement.caller(), settlement.endUser(), settlement.tags(), settlement.requestedModel())
                        .parties();
        if (ticket != null) {
            ticket.ended = true;
            long tokens = settlement.total().total();
            Rates.leave(
                    ticket,
                    party -> ticket.share(
                            party, settlement, tokens, leg -> leg.usage().total()),
                    now);
            if (!ticket.dearTier) {
                quotes.unasked(settlement);
            }
        }
        Detours detours = ticket == null ? null : ticket.detours;
        Charging charging = new Charging(settlement, nanos, priced, concerned.size());
        long[] holds = ticket == null ? new long[concerned.size()] : Ticket.held(ticket.holds, concerned);
        for (int i = 0; i < holds.length; i++) {
            Party party = concerned.get(i);
            long held = holds[i];
            long share = ticket == null ? nanos : ticket.share(party, settlement, nanos, priced);
            if (share != 0 || held != 0) {
                Limits limits = party.limits();
                Purse purse = party.purse(counters);
                long period = purse.settle(held, share, limits, now, settings.zone());
                charging.add(
                        party.holder(),
                        period,
                        detours == null ? Charging::anywhere : deployment -> detours.concerns(party, deployment));
                if (limits.budgetNanos() > 0 || limits.softNanos() > 0) {
                    Alert alert = Crossing.of(party, purse, now, share, period);
                    if (alert != null) {
                        alerts.accept(alert);
                    }
                }
            }
        }
        return charging.charged();
    }

    /** A call is over without a settlement, or its client went away while it waited. */
    public void release(String callId) {
        Reservation asking = waiting.get(callId);
        if (asking != null) {
            asking.abandon();
        }
        unhold(callId);
        Ticket ticket = admitted.remove(callId);
        if (ticket != null) {
            ticket.ended = true;
            Instant now = clock.instant();
            Rates.leave(ticket, _ -> 0, now);
            for (Ticket.Hold hold : ticket.holds) {
                hold.purse().settle(hold.nanos(), 0, hold.party().limits(), now, settings.zone());
            }
        }
    }

    /** Calls that have something set aside. */
    public int underway() {
        return admitted.size();
    }

    private static Future<Admission> refused(Admission refusal) {
        return Future.succeededFuture(refusal);
    }
}
