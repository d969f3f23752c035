package dev.tollgate.accounting;

import dev.tollgate.accounting.desk.Desk;
import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.price.Tariff;
import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prices each finished call, writes it into the journal, and answers questions about spend. */
final class AccountingVerticle implements Deployable {
    private static final Logger LOG = LoggerFactory.getLogger(AccountingVerticle.class);
    private static final long WARN_AGAIN_MILLIS = 60_000;
    private static final int MOST_WARNED = 1_000;
    private static final int MOST_RETIRED = 10_000;
    private static final long RETRY_MILLIS = 1_000;
    /** Room for most records; one that is larger is copied as it grows. */
    private static final int RECORD_BYTES = 1_024;

    private static final Settled UNPRICED = new Settled(0, false);

    private final Lane lane;
    private final Prices prices;
    private final Journal journal;
    private final Shipper shipper;
    private final Desk desk;
    private final Map<String, Long> warned = new HashMap<>();
    private final Map<String, Deployment> known = new LinkedHashMap<>();
    private final Counter unpriced;
    private long retrying;

    AccountingVerticle(Lane lane, PriceList list, Journal journal, Shipper shipper, Desk desk) {
        this.lane = lane;
        this.prices = new Prices(list);
        this.journal = journal;
        this.shipper = shipper;
        this.desk = desk;
        this.unpriced = lane.node().metrics().counter("tollgate_unpriced_calls");
    }

    @Override
    public Future<?> deploy(Context context) {
        lane.onConfig(this::configured);
        FunctionCounter.builder("tollgate_lost_spend_records", journal, Journal::lost)
                .tag("lane", Integer.toString(lane.number()))
                .register(lane.node().metrics());
        retrying = context.owner().setPeriodic(RETRY_MILLIS, _ -> journal.retry());
        lane.bus().answer(Addresses.SETTLE, this::settle);
        lane.bus().answer(Addresses.LEDGER, this::ask);
        lane.bus().answer(Addresses.FACTS, this::facts);
        lane.bus().<Manage, Managed>answer(Addresses.MANAGE, asked -> manage(context, asked));
        return Future.succeededFuture();
    }

    /** The desk answers on threads of its own. */
    private Future<Managed> manage(Context context, Manage asked) {
        Promise<Managed> answer = Promise.promise();
        desk.ask(asked, managed -> context.runOnContext(_ -> answer.complete(managed)));
        return answer.future();
    }

    /** Calls may still be under way to deployments that the new configuration has no longer; they are priced by what they were. */
    private void configured(Snapshot next) {
        prices.forget();
        for (Deployment deployment : next.models().deployments()) {
            known.remove(deployment.id());
            known.put(deployment.id(), deployment);
        }
        var oldest = known.keySet().iterator();
        while (known.size() > next.models().deployments().size() + MOST_RETIRED) {
            oldest.next();
            oldest.remove();
        }
    }

    private Future<Settled> settle(Settlement settlement) {
        Settled settled = price(settlement);
        Buffer record = Buffer.buffer(RECORD_BYTES);
        SpendRow.of(settlement, settled.costNanos(), settled.priced()).write(record);
        journal.append(record);
        return Future.succeededFuture(settled);
    }

    private Settled price(Settlement settlement) {
        Answer.Route route = settlement.route();
        boolean answered = settlement.failure() == null || settlement.firstTokenMillis() >= 0;
        Settled settled = price(
                settlement,
                new Leg(
                        route.deploymentId(),
                        route.upstreamModel(),
                        settlement.upstreamModel(),
                        settlement.usage(),
                        answered));
        for (Leg leg : settlement.earlier()) {
            Settled more = price(settlement, leg);
            settled = new Settled(settled.costNanos() + more.costNanos(), settled.priced() && more.priced());
        }
        return settled;
    }

    private Settled price(Settlement settlement, Leg leg) {
        Usage usage = leg.usage();
        if (usage.prompt() == 0 && usage.completion() == 0 && !usage.reported()) {
            return withoutUsage(settlement, leg);
        }
        Deployment deployment = known.get(leg.deploymentId());
        Tariff tariff = deployment == null ? null : prices.of(deployment, leg.upstreamModel(), leg.reportedModel());
        if (tariff == null) {
            unpriced(
                    deployment,
                    leg,
                    "No price is known for {}: its calls are recorded as unpriced, not as free. Set"
                            + " input_cost_per_token and output_cost_per_token in its litellm_params, or"
                            + " base_model in its model_info");
            return UNPRICED;
        }
        return new Settled(tariff.nanos(usage), true);
    }

    /** Counting tokens is free, and so is a call that failed before its answer began; anything else cost something unknown. */
    private Settled withoutUsage(Settlement settlement, Leg leg) {
        if (leg.answered() && settlement.surface() != Surface.COUNT_TOKENS) {
            unpriced(
                    known.get(leg.deploymentId()),
                    leg,
                    "No usage is known of a call to {}: it is recorded as unpriced, not as free");
            return UNPRICED;
        }
        return new Settled(0, true);
    }

    private void unpriced(@Nullable Deployment deployment, Leg leg, String warning) {
        unpriced.increment();
        String provider = deployment == null ? "?" : deployment.provider().name();
        String model = provider + "/" + leg.upstreamModel();
        long now = System.currentTimeMillis();
        @Nullable Long last = warned.get(model);
        if (last == null || now - last > WARN_AGAIN_MILLIS) {
            if (warned.size() > MOST_WARNED) {
                warned.clear();
            }
            warned.put(model, now);
            LOG.warn(warning, model);
        }
    }

    private Future<FactsAnswer> facts(FactsQuestion question) {
        Map<FactsQuestion.Model, FactsAnswer.Facts> found = new HashMap<>();
        for (FactsQuestion.Model model : question.models()) {
            Deployment deployment = known.get(model.deploymentId());
            FactsAnswer.Facts facts = deployment == null ? null : prices.facts(deployment, model.upstreamModel());
            if (facts != null) {
                found.put(model, facts);
            }
        }
        return Future.succeededFuture(new FactsAnswer(found));
    }

    private Future<QueryResult> ask(Query query) {
        if (query.what().equals(Query.STORE)) {
            return Future.succeededFuture(QueryResult.of(
                    new JsonObject().put("works", shipper.works()).toBuffer()));
        }
        if (!query.what().equals(Query.SPEND_LOGS)) {
            return Future.succeededFuture(QueryResult.refused(
                    Failure.of(FailureKind.NOT_FOUND, "The ledger knows no question `" + query.what() + "`")));
        }
        return shipper.logs(query.parameters())
                .map(JsonArray::toBuffer)
                .map(QueryResult::of)
                .otherwise(cause -> QueryResult.refused(
                        cause instanceof IllegalArgumentException
                                ? Failure.of(FailureKind.BAD_REQUEST, String.valueOf(cause.getMessage()))
                                : Failure.of(
                                        FailureKind.OVERLOADED,
                                        "The spend store cannot be read: " + cause.getMessage())));
    }

    @Override
    public Future<?> undeploy(Context context) {
        context.owner().cancelTimer(retrying);
        return Future.succeededFuture();
    }
}
