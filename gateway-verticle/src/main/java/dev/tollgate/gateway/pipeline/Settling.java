package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Bus;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last step: has a finished call priced and written down, and counts it. Never fails a call: what accounting cannot take is logged. */
final class Settling {
    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);
    private static final Settled UNKNOWN = new Settled(0, false);

    private final Bus bus;
    private final String released;
    private final Meters meters;
    private int underway;

    Settling(Bus bus, String released, Meters meters) {
        this.bus = bus;
        this.released = released;
        this.meters = meters;
    }

    /** Completes when the settlement is in the journal, so before the last byte leaves. */
    Future<Settled> settle(Settlement settlement) {
        underway++;
        return bus.<Settlement, Settled>ask(Addresses.SETTLE, settlement)
                .recover(cause -> {
                    bus.send(released, settlement.callId());
                    LOG.error(
                            "Call {} could not be settled and is missing from the ledger: {} tokens of {}: {}",
                            settlement.callId(),
                            settlement.usage().total(),
                            settlement.requestedModel(),
                            cause.getMessage());
                    return Future.succeededFuture(UNKNOWN);
                })
                .onSuccess(settled -> {
                    underway--;
                    meters.settled(settlement, settled);
                });
    }

    /** Settlements that are not in the journal yet. */
    int underway() {
        return underway;
    }
}
