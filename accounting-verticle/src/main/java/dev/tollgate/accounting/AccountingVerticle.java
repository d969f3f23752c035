package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Slate;
import dev.tollgate.accounting.limit.Admissions;
import dev.tollgate.accounting.limit.Charged;
import dev.tollgate.accounting.limit.Payments;
import dev.tollgate.accounting.outbox.LaneCopies;
import dev.tollgate.accounting.outbox.Outbox;
import dev.tollgate.accounting.price.Bill;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.report.Names;
import dev.tollgate.accounting.report.Reports;
import dev.tollgate.cluster.Lane;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Begun;
import dev.tollgate.protocol.BudgetQuestion;
import dev.tollgate.protocol.DeploymentNews;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Unhold;
import io.micrometer.core.instrument.FunctionCounter;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Admits calls, prices each finished one and writes it into the journal, and answers questions about spend. */
final class AccountingVerticle implements Deployable {
    private static final long RETRY_MILLIS = 1_000;

    private final Lane lane;
    private final Pricing pricing;
    private final Journal journal;
    private final Outbox outbox;
    private final Shared shared;
    private final Questions questions;
    private final RowWriter writer = new RowWriter();
    private @Nullable Admissions admissions;
    private @Nullable Payments payments;
    private @Nullable LaneCopies copies;
    private @Nullable UnderWay underWay;
    private @Nullable GroupCommit group;
    private long retrying;
    private long sweeping;

    AccountingVerticle(Lane lane, PriceList list, Journal journal, Outbox outbox, Shared shared) {
        this.lane = lane;
        this.pricing = new Pricing(
                list, shared.dear(), lane.node().metrics().counter("tollgate_unpriced_calls"), shared.alerts()::raise);
        this.journal = journal;
        this.outbox = outbox;
        this.shared = shared;
        this.questions = new Questions(
                lane,
                pricing.prices(),
                shared.shipper(),
                new Reports(
                        Names.of(
                                shared.book(),
                                () -> lane.config().general().budgets().most()),
                        Clock.systemUTC()),
                shared.payees()::json,
                shared.book()::caughtUp);
    }

    @Override
    public Future<?> deploy(Context context) {
        Admissions gate = new Admissions(
                context,
                shared.book(),
                shared.counters(),
                pricing.prices(),
                lane.config(),
                InstantSource.system(),
                shared.spendAlerts(),
                body -> lane.bus().ask(Addresses.COUNT, body));
        admissions = gate;
        Payments paying = new Payments(
                context,
                shared.counters(),
                pricing.prices(),
                lane.config(),
                InstantSource.system(),
                shared.spendAlerts(),
                body -> lane.bus().ask(Addresses.COUNT, body));
        payments = paying;
        Slate slate = new Slate(journal.slate());
        FunctionCounter.builder("tollgate_unnoted_calls", slate, Slate::missed)
                .description("attempts of which nothing could be noted that would outlive a kill")
                .tag("lane", Integer.toString(lane.number()))
                .register(lane.node().metrics());
        UnderWay calls =
                new UnderWay(slate, journal, begun -> gate.setAside(begun.call(), begun.deploymentId(), paying));
        underWay = calls;
        lane.bus().answer(Addresses.BEGUN, (Begun begun) -> {
            calls.began(begun);
            return Future.succeededFuture();
        });
        lane.onConfig(next -> {
            pricing.configured(next);
            gate.configured(next);
            paying.configured(next);
        });
        FunctionCounter.builder("tollgate_lost_spend_records", journal, Journal::lost)
                .tag("lane", Integer.toString(lane.number()))
                .register(lane.node().metrics());
        retrying = context.owner().setPeriodic(RETRY_MILLIS, _ -> retry());
        copy(context);
        GroupCommit commit = new GroupCommit(journal, work -> context.runOnContext(_ -> work.run()));
        group = commit;
        answerCalls(gate, paying, commit);
        lane.bus().answer(Addresses.LEDGER, questions::ask);
        lane.bus().answer(Addresses.FACTS, (FactsQuestion question) -> Future.succeededFuture(pricing.facts(question)));
        lane.bus().<Manage, Managed>answer(Addresses.MANAGE, asked -> manage(context, asked));
        lane.bus().<DeploymentNews, Boolean>answer(Addresses.NEWS, news -> {
            shared.deployments().heard(news);
            return Future.succeededFuture(true);
        });
        return Future.succeededFuture();
    }

    private void retry() {
        journal.retry();
        UnderWay calls = underWay;
        if (calls != null) {
            calls.look();
        }
        LaneCopies copying = copies;
        if (copying != null) {
            copying.noticed();
        }
    }

    private void copy(Context context) {
        LaneCopies copying = outbox.lane(journal, work -> context.runOnContext(_ -> work.run()));
        if (copying != null) {
            copies = copying;
            sweeping = context.owner().setPeriodic(LaneCopies.SWEEP.toMillis(), _ -> copying.sweep());
        }
    }

    private void answerCalls(Admissions gate, Payments paying, GroupCommit commit) {
        lane.bus().answer(Addresses.SETTLE, (Settlement settlement) -> settle(settlement, gate, commit));
        lane.bus().answer(Addresses.ADMIT, gate::admit);
        lane.bus().answer(Addresses.NAMES, gate::named);
        lane.bus().receive(Addresses.onLane(Addresses.RELEASE, lane.number()), this::released);
        lane.bus().answer(Addresses.HOLD, (Hold asked) -> hold(asked, gate, paying));
        lane.bus().answer(Addresses.UNHOLD, (Unhold over) -> {
            gate.unhold(over.callId());
            return paying.unhold(over);
        });
        lane.bus()
                .answer(Addresses.BUDGETS, (BudgetQuestion question) -> Future.succeededFuture(paying.over(question)));
    }

    /** First those who pay for the call, where anything is new for them, then those who are paid. */
    private Future<Held> hold(Hold asked, Admissions gate, Payments paying) {
        Supplier<Future<Held>> payees = () -> paying.hold(asked, pricing::atMost, gate::bound);
        return asked.owed().isEmpty() && asked.fallback() == null
                ? payees.get()
                : gate.more(asked, pricing::atMost, payees);
    }

    /** The desk answers on threads of its own. */
    private Future<Managed> manage(Context context, Manage asked) {
        Promise<Managed> answer = Promise.promise();
        shared.desk().ask(asked, managed -> context.runOnContext(_ -> answer.complete(managed)));
        return answer.future();
    }

    private Future<Settled> settle(Settlement reported, Admissions gate, GroupCommit commit) {
        Settlement settlement = CallRows.ended(reported);
        Bill bill = pricing.price(settlement);
        Charged charged = charged(settlement, bill, gate);
        List<Buffer> records = settlement.earlier().isEmpty()
                ? List.of(writer.record(CallRows.last(settlement, bill.last(), charged.last())))
                : CallRows.all(settlement, bill, charged, pricing::deployment).stream()
                        .map(SpendRow::record)
                        .toList();
        Settled told = new Settled(bill.nanos(), bill.priced(), gate.keySpentNanos(settlement.caller()));
        return commit.append(records).compose(written -> {
            over(settlement.callId());
            LaneCopies copying = copies;
            return copying == null || !written ? Future.succeededFuture(told) : copying.copied(told);
        });
    }

    private void over(String callId) {
        UnderWay calls = underWay;
        if (calls != null) {
            calls.over(callId);
        }
    }

    private Charged charged(Settlement settlement, Bill bill, Admissions gate) {
        long nanos = bill.nanos();
        ToLongFunction<Leg> part = leg -> bill.nanos(settlement.earlier(), leg);
        Charged charged = gate.settle(settlement, nanos, part);
        Payments paying = payments;
        return paying == null ? charged : charged.and(paying.settle(settlement, nanos, part));
    }

    private void released(String callId) {
        Admissions gate = admissions;
        if (gate != null) {
            gate.release(callId);
        }
        Payments paying = payments;
        if (paying != null) {
            paying.release(callId);
        }
        over(callId);
    }

    @Override
    public Future<?> undeploy(Context context) {
        context.owner().cancelTimer(retrying);
        GroupCommit commit = group;
        if (commit != null) {
            commit.close();
        }
        UnderWay calls = underWay;
        if (calls != null) {
            calls.close();
        }
        LaneCopies copying = copies;
        if (copying != null) {
            context.owner().cancelTimer(sweeping);
            copying.close();
        }
        return Future.succeededFuture();
    }
}
