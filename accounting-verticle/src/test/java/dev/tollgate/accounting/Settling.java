package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/** A node of one lane that settles calls and stops, so that their rows are stored. */
final class Settling {
    private final Vertx vertx;
    private final Path data;

    Settling(Vertx vertx, Path data) {
        this.vertx = vertx;
        this.data = data;
    }

    /** Settles them in their order; what the client of the last one hears. */
    Settled settled(Snapshot config, Settlement... settlements) {
        AccountingRoom room = new AccountingRoom();
        Node node = new Node(
                vertx,
                1,
                data,
                new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                0);
        done(room.open(node));
        Lane lane = new Lane(node, 0, new LocalBus(vertx, 0), new LocalLoadBoard(vertx, 0, new NodeLoads(1)), config);
        String deployment = done(vertx.deployVerticle(room.onLane(lane)));
        Settled settled = null;
        for (Settlement settlement : settlements) {
            settled = done(lane.bus().<Settlement, Settled>ask(Addresses.SETTLE, settlement));
        }
        done(vertx.undeploy(deployment));
        done(room.close(node));
        assertThat(settled).isNotNull();
        return settled;
    }
}
