package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.BudgetQuestion;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Unhold;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Budgets of providers and deployments, on one lane. Which of them a call concerns is known only when its attempt is about to be made,
 * so the router asks then, and only for deployments with such a budget; otherwise this costs a call nothing.
 */
public final class Payments {
    private static final Duration STORE_WAIT = Duration.ofSeconds(10);

    private final Duration storeWait;
    private final AttemptHold.Desk desk;
    private final Quotes quotes;
    private final Consumer<Alert> alerts;
    private final Map<String, List<AttemptHold>> held = new HashMap<>();
    private final Map<String, AttemptHold> waiting = new HashMap<>();
    private Payees payees;
    private ZoneId zone;

    /** One for each lane. */
    public Payments(
            Context context,
            Counters counters,
            Prices prices,
            Snapshot config,
            InstantSource clock,
            Consumer<Alert> alerts,
            Function<Buffer, Future<Long>> counting) {
        this(context, counters, prices, config, clock, alerts, counting, STORE_WAIT);
    }

    /** {@code storeWait}: how long a call waits at the start for what was spent before. */
    Payments(
            Context context,
            Counters counters,
            Prices prices,
            Snapshot config,
            InstantSource clock,
            Consumer<Alert> alerts,
            Function<Buffer, Future<Long>> counting,
            Duration storeWait) {
        this.storeWait = storeWait;
        this.desk = new AttemptHold.Desk(counters, clock, context, alerts, counting);
        this.quotes = new Quotes(prices, config);
        this.alerts = alerts;
        this.payees = new Payees(config);
        this.zone = config.general().budgets().zone();
    }

    /** Another configuration is in force. */
    public void configured(Snapshot next) {
        quotes.configured(next);
        payees = new Payees(next);
        zone = next.general().budgets().zone();
    }

    /**
     * Sets aside what an attempt may cost.
     *
     * @param priced what a part of the call that has ended cost, in nano-dollars
     * @param bound how long the prompt of a call is at most
     */
    public Future<Held> hold(Hold asked, ToLongFunction<Leg> priced, Function<Call, PromptBound> bound) {
        if (!asked.owed().isEmpty()) {
            shrink(asked, priced);
        }
        List<Party> parties = payees.of(asked.deploymentId());
        if (parties.isEmpty()) {
            return Future.succeededFuture(Held.YES);
        }
        return desk.counters().loaded().isComplete()
                ? hold(asked, parties, bound.apply(asked.call()))
                : desk.loaded(storeWait)
                        .compose(_ -> desk.counters().loaded().isComplete()
                                ? hold(asked, parties, bound.apply(asked.call()))
                                : Future.succeededFuture(Held.over(new Held.Over(Counters.UNKNOWN, 0, true))));
    }

    /** Of what was set aside for attempts that are over, what they cost stays. */
    private void shrink(Hold asked, ToLongFunction<Leg> priced) {
        List<Leg> owed = new ArrayList<>(asked.owed());
        for (AttemptHold hold : held.getOrDefault(asked.call().id(), List.of())) {
            for (Leg leg : owed) {
                if (leg.deploymentId().equals(hold.deploymentId())) {
                    hold.shrink(priced.applyAsLong(leg));
                    owed.remove(leg);
                    break;
                }
            }
        }
    }

    private Future<Held> hold(Hold asked, List<Party> parties, PromptBound bound) {
        String callId = asked.call().id();
        // A call would wait for what it holds itself.
        boolean waits = !held.containsKey(callId);
        Wants wants = Wants.of(asked.call());
        AttemptHold hold = new AttemptHold(
                asked,
                waits,
                parties,
                quotes.of(asked.deploymentId(), asked.upstreamModel()).asked(wants),
                wants.dearTier(),
                bound,
                desk,
                zone);
        Future<Held> decided = hold.begin();
        if (!decided.isComplete()) {
            waiting.put(callId, hold);
        }
        return decided.map(answer -> {
            waiting.remove(callId, hold);
            if (answer.over() == null) {
                held.computeIfAbsent(callId, _ -> new ArrayList<>(1)).add(hold);
            }
            return answer;
        });
    }

    /** An attempt cost nothing, or its call has been given up. */
    public Future<Held> unhold(Unhold over) {
        AttemptHold asking = waiting.get(over.callId());
        if (asking != null) {
            asking.abandon();
        }
        List<AttemptHold> all = held.getOrDefault(over.callId(), List.of());
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).deploymentId().equals(over.deploymentId())) {
                giveBack(all.remove(i));
                break;
            }
        }
        if (all.isEmpty()) {
            held.remove(over.callId());
        }
        return Future.succeededFuture(Held.YES);
    }

    private void giveBack(AttemptHold hold) {
        Instant now = desk.clock().instant();
        for (Ticket.Hold each : hold.holds()) {
            each.purse().settle(each.nanos(), 0, each.party().limits(), now, zone);
        }
    }

    /** A call is over without a settlement. */
    public void release(String callId) {
        AttemptHold asking = waiting.get(callId);
        if (asking != null) {
            asking.abandon();
        }
        List<AttemptHold> all = held.remove(callId);
        if (all != null) {
            all.forEach(this::giveBack);
        }
    }

    private static final class Share {
        private final Party party;
        private long held;
        private long cost;

        Share(Party party) {
            this.party = party;
        }
    }

    /**
     * A call is over.
     *
     * @param nanos what it cost in all
     * @param priced what an earlier part of it cost
     * @return whom each part of it counts for
     */
    public Charged settle(Settlement settlement, long nanos, ToLongFunction<Leg> priced) {
        List<AttemptHold> all = held.isEmpty() ? null : held.remove(settlement.callId());
        if (all == null && payees.none()) {
            return Charged.NOBODY;
        }
        Map<Holder, Share> shares = new LinkedHashMap<>();
        if (all != null) {
            boolean dearTier = false;
            for (AttemptHold hold : all) {
                dearTier |= hold.dearTier();
                for (Ticket.Hold each : hold.holds()) {
                    share(shares, each.party()).held += each.nanos();
                }
            }
            if (!dearTier) {
                quotes.unasked(settlement);
            }
        }
        long last = nanos;
        for (Leg leg : settlement.earlier()) {
            long part = priced.applyAsLong(leg);
            last -= part;
            paid(shares, leg.deploymentId(), part);
        }
        paid(shares, settlement.route().deploymentId(), last);
        Charging charging = new Charging(settlement, nanos, priced, shares.size());
        for (Share share : shares.values()) {
            settle(share, charging);
        }
        return charging.charged();
    }

    private void paid(Map<Holder, Share> shares, String deploymentId, long cost) {
        if (cost != 0) {
            for (Party party : payees.of(deploymentId)) {
                share(shares, party).cost += cost;
            }
        }
    }

    private static Share share(Map<Holder, Share> shares, Party party) {
        return shares.computeIfAbsent(party.holder(), _ -> new Share(party));
    }

    private void settle(Share share, Charging charging) {
        Party party = share.party;
        Instant now = desk.clock().instant();
        Purse purse = party.purse(desk.counters());
        long period = purse.settle(share.held, share.cost, party.limits(), now, zone);
        if (share.cost == 0) {
            return;
        }
        Alert alert = Crossing.of(party, purse, now, share.cost, period);
        if (alert != null) {
            alerts.accept(alert);
        }
        charging.add(party.holder(), period, deployment -> payees.pays(deployment, party.holder()));
    }

    /** Which of these deployments are over a budget. */
    public BudgetQuestion.Answer over(BudgetQuestion question) {
        Map<String, Held.Over> over = new HashMap<>();
        Instant now = desk.clock().instant();
        for (String id : question.deploymentIds()) {
            for (Party party : payees.of(id)) {
                Purse purse = party.purse(desk.counters());
                long spent = purse.spent(party.limits(), now, zone);
                if (spent >= party.limits().budgetNanos()) {
                    over.put(id, Refusals.over(party, spent, purse.endMillis(party.limits(), now, zone)));
                }
            }
        }
        return new BudgetQuestion.Answer(over);
    }

    /** What is set aside for the attempts of a call. */
    List<Ticket.Hold> holds(String callId) {
        List<AttemptHold> all = held.isEmpty() ? null : held.get(callId);
        if (all == null) {
            return List.of();
        }
        List<Ticket.Hold> holds = new ArrayList<>();
        all.forEach(hold -> holds.addAll(hold.holds()));
        return holds;
    }

    /** Calls that have something set aside. */
    int underway() {
        return held.size() + waiting.size();
    }
}
