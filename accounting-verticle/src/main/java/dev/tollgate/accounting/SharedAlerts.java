package dev.tollgate.accounting;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.alert.Alerts;
import dev.tollgate.accounting.ledger.PostedAlert;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Sends each alert once for all nodes that have one store. Every node that knows of an alert writes it into the store, and the first one
 * sends it, and then says so there. One that is lost before it could leaves an alert whose lease ends: any other node finds it and sends it.
 *
 * <p>So an alert comes twice rather than never: also when a node is lost between sending it and saying so, or while the store is away,
 * when each node sends its own. It has the same {@code alert_id} each time, by which a webhook can tell.
 */
final class SharedAlerts implements Consumer<Alert> {
    /** Longer than two tries with all places: whoever is still at it must not be taken for lost. */
    static final Duration LEASE = Duration.ofSeconds(40);

    private static final Duration LOOK = Duration.ofSeconds(10);

    private final Shipper shipper;
    private final Alerts alerts;
    private final String node;

    SharedAlerts(Shipper shipper, Alerts alerts, String node) {
        this.shipper = shipper;
        this.alerts = alerts;
        this.node = node;
    }

    /** Looks for alerts of lost nodes from now on. */
    void start(Vertx vertx) {
        vertx.setPeriodic(LOOK.toMillis(), _ -> look());
    }

    @Override
    public void accept(Alert alert) {
        post(alert);
    }

    /** Answers whether this node has sent it. */
    Future<Boolean> post(Alert alert) {
        List<String> about = List.of(
                alert.event(),
                alert.subject(),
                String.valueOf(alert.fields().getValue("soft_budget")),
                String.valueOf(alert.fields().getValue("max_budget")));
        UUID id = PostedAlert.id(about);
        Alert known = new Alert(
                alert.event(),
                alert.subject(),
                alert.message(),
                alert.fields().copy().put("alert_id", id.toString()));
        PostedAlert posted = new PostedAlert(id, written(known));
        return shipper.at(ledger -> ledger.claimAlert(posted, node, LEASE).orElse(true))
                .transform(claimed -> {
                    if (claimed.failed()) {
                        return alerts.send(known);
                    }
                    return claimed.result() ? sent(id, known) : Future.succeededFuture(false);
                });
    }

    private Future<Boolean> sent(UUID id, Alert alert) {
        // What is no news is being sent by this node already, which will say so.
        return alerts.send(alert)
                .compose(news -> news ? said(id).map(true).otherwise(true) : Future.succeededFuture(false));
    }

    /** Sends what others should have sent. */
    Future<Void> look() {
        return shipper.at(ledger -> ledger.overdueAlerts(node, LEASE))
                .compose(overdue -> Future.join(overdue.stream()
                        .map(each -> alerts.send(read(each.text())).compose(_ -> said(each.id())))
                        .toList()))
                .mapEmpty();
    }

    /** When this fails it is sent again, by this node or another. */
    private Future<Boolean> said(UUID id) {
        return shipper.at(ledger -> {
            ledger.alertSent(id);
            return true;
        });
    }

    private static String written(Alert alert) {
        return new JsonObject()
                .put("event", alert.event())
                .put("subject", alert.subject())
                .put("message", alert.message())
                .put("fields", alert.fields())
                .encode();
    }

    private static Alert read(String text) {
        JsonObject alert = new JsonObject(text);
        return new Alert(
                alert.getString("event", ""),
                alert.getString("subject", ""),
                alert.getString("message", ""),
                alert.getJsonObject("fields", new JsonObject()));
    }
}
