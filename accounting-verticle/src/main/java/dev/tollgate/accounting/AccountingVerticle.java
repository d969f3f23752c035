package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.price.Tariff;
import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prices each finished call, writes it into the journal, and answers questions about spend. */
final class AccountingVerticle implements Deployable {
    private static final Logger LOG = LoggerFactory.getLogger(AccountingVerticle.class);
    private static final long WARN_AGAIN_MILLIS = 60_000;
    private static final int MOST_WARNED = 1_000;

    private final Lane lane;
    private final Prices prices;
    private final Journal journal;
    private final Shipper shipper;
    private final Map<String, Long> warned = new HashMap<>();
    private final Counter unpriced;

    AccountingVerticle(Lane lane, PriceList list, Journal journal, Shipper shipper) {
        this.lane = lane;
        this.prices = new Prices(list);
        this.journal = journal;
        this.shipper = shipper;
        this.unpriced = lane.node().metrics().counter("tollgate_unpriced_calls");
    }

    @Override
    public Future<?> deploy(Context context) {
        lane.onConfig(_ -> prices.forget());
        lane.bus().answer(Addresses.SETTLE, this::settle);
        lane.bus().answer(Addresses.LEDGER, this::ask);
        return Future.succeededFuture();
    }

    private Future<Settled> settle(Settlement settlement) {
        Settled settled = price(settlement);
        Buffer record = Buffer.buffer(512);
        SpendRow.of(settlement, settled.costNanos(), settled.priced()).write(record);
        journal.append(record);
        return Future.succeededFuture(settled);
    }

    private Settled price(Settlement settlement) {
        if (settlement.usage().total() == 0 && !settlement.usage().reported()) {
            return new Settled(0, settlement.failure() != null);
        }
        Deployment deployment = lane.config().models().byId(settlement.route().deploymentId());
        Tariff tariff = deployment == null
                ? null
                : prices.of(deployment, settlement.route().upstreamModel(), settlement.upstreamModel());
        if (tariff == null) {
            unpriced(settlement);
            return new Settled(0, false);
        }
        return new Settled(tariff.nanos(settlement.usage()), true);
    }

    private void unpriced(Settlement settlement) {
        unpriced.increment();
        String model = settlement.route().provider() + "/" + settlement.route().upstreamModel();
        long now = System.currentTimeMillis();
        @Nullable Long last = warned.get(model);
        if (last == null || now - last > WARN_AGAIN_MILLIS) {
            if (warned.size() > MOST_WARNED) {
                warned.clear();
            }
            warned.put(model, now);
            LOG.warn(
                    "No price is known for {}: its calls are recorded as unpriced, not as free. Set"
                            + " input_cost_per_token and output_cost_per_token in its litellm_params",
                    model);
        }
    }

    private Future<QueryResult> ask(Query query) {
        if (!query.what().equals(Query.SPEND_LOGS)) {
            return Future.succeededFuture(QueryResult.refused(
                    Failure.of(FailureKind.NOT_FOUND, "The ledger knows no question `" + query.what() + "`")));
        }
        return shipper.logs(query.parameters())
                .map(JsonArray::toBuffer)
                .map(QueryResult::of)
                .otherwise(cause -> QueryResult.refused(
                        Failure.of(FailureKind.OVERLOADED, "The spend store cannot be read: " + cause.getMessage())));
    }

    @Override
    public Future<?> undeploy(Context context) {
        return Future.succeededFuture();
    }
}
