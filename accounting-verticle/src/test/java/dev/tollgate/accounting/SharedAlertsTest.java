package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.alert.Alerts;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.accounting.outbox.Outbox;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.config.AlertSettings;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.config.StoreUrl.Kind;
import dev.tollgate.protocol.Secret;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Nodes with one store, and the webhook that they tell. */
class SharedAlertsTest {
    @RegisterExtension
    static final Stores STORES = new Stores(Kind.POSTGRESQL);

    @TempDir
    Path data;

    private final String url = STORES.fresh();
    private final Vertx vertx = Vertx.vertx();
    private final List<JsonObject> received = new CopyOnWriteArrayList<>();
    private final List<JsonObject> unanswered = new CopyOnWriteArrayList<>();
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final HttpServer server = vertx.createHttpServer()
            .requestHandler(request -> request.body().onSuccess(body -> {
                if (request.path().equals("/silent")) {
                    unanswered.add(body.toJsonObject());
                } else {
                    received.add(body.toJsonObject());
                    request.response().end("ok");
                }
            }))
            .listen(0, "127.0.0.1")
            .await();

    /** One node. */
    private final class Node {
        private final Syncer syncer = new Syncer();
        private final Shipper shipper;
        private final SharedAlerts alerts;

        Node(String id, String webhook) {
            Path home = data.resolve(id);
            Outbox outbox = new Outbox(home, new NoPeers(id, "test"), new SimpleMeterRegistry());
            this.shipper =
                    new Shipper(home.resolve("journal"), syncer, outbox, () -> ServerLedger.of(StoreUrl.parse(url)));
            shipper.start();
            Alerts sending = new Alerts(vertx, new SimpleMeterRegistry(), InstantSource.system());
            sending.configured(new AlertSettings(
                    null, Secret.of("http://127.0.0.1:" + server.actualPort() + webhook), Duration.ofDays(1)));
            this.alerts = new SharedAlerts(shipper, sending, id);
            nodes.add(this);
            // While the store is being opened, or cannot be, an alert is sent by whoever knows of it.
            done(shipper.at(Ledger::balances));
        }

        /** Nothing of it reaches the store any more. */
        void dies() {
            nodes.remove(this);
            syncer.close();
            done(shipper.close());
        }
    }

    @AfterEach
    void end() {
        List.copyOf(nodes).forEach(Node::dies);
        vertx.close().await();
    }

    private static Alert alert(String subject) {
        return new Alert(
                "budget_crossed", subject, subject + " has spent its budget", new JsonObject().put("spend", 2));
    }

    private void leasesEnd(String millis) {
        STORES.server()
                .sql(
                        url.substring(url.lastIndexOf('/') + 1),
                        "UPDATE tollgate.alerts SET until_millis = " + millis + " WHERE until_millis IS NOT NULL");
    }

    private void leasesEnd() {
        leasesEnd("0");
    }

    @Test
    void anAlertIsSentOnceWhoeverKnowsOfIt() {
        Node a = new Node("a", "/hook");
        Node b = new Node("b", "/hook");
        assertThat(done(a.alerts.post(alert("anna")))).isTrue();
        assertThat(done(b.alerts.post(alert("anna")))).isFalse();
        assertThat(done(a.alerts.post(alert("anna")))).isFalse();
        leasesEnd();
        done(b.alerts.look());
        done(a.alerts.look());
        assertThat(received).hasSize(1);
    }

    @Test
    void anotherNodeSendsTheAlertOfOneThatDiedBeforeItCould() {
        Node lost = new Node("lost", "/silent");
        lost.alerts.accept(alert("anna"));
        await().atMost(Duration.ofSeconds(30)).until(() -> unanswered.size() == 1);
        lost.dies();
        leasesEnd("until_millis + 86400000");

        Node b = new Node("b", "/hook");
        assertThat(done(b.alerts.post(alert("anna"))))
                .as("the lost one may still send it")
                .isFalse();
        done(b.alerts.look());
        assertThat(received).isEmpty();
        leasesEnd();
        // It has never heard of the alert itself.
        Node c = new Node("c", "/hook");
        done(c.alerts.look());
        assertThat(received).containsExactlyElementsOf(unanswered.subList(0, 1));
        assertThat(received.getFirst().getString("alert_id")).isNotEmpty();
        assertThat(received.getFirst().getString("event_message")).isEqualTo("anna has spent its budget");

        leasesEnd();
        done(b.alerts.look());
        done(c.alerts.look());
        assertThat(received).hasSize(1);
    }
}
