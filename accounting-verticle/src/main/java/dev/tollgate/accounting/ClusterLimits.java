package dev.tollgate.accounting;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.alert.Alerts;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.limit.ClusterBalances;
import dev.tollgate.accounting.limit.Counters;
import dev.tollgate.accounting.limit.NodeBalances;
import dev.tollgate.accounting.limit.NodeShares;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.lease.Arbiter;
import dev.tollgate.cluster.lease.Leases;
import dev.tollgate.config.ClusterSettings;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this node divides budgets and limits with others of its cluster that have the same store. */
final class ClusterLimits {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterLimits.class);

    private final Leases leases;
    private final Shipper shipper;
    private final Peers peers;

    private ClusterLimits(Leases leases, Shipper shipper, Peers peers) {
        this.leases = leases;
        this.shipper = shipper;
        this.peers = peers;
    }

    /**
     * Null: this node stands alone, or has a store of its own, from which nobody could learn what others spent.
     *
     * @param before what this node was called before it was started anew
     */
    static @Nullable ClusterLimits of(Lane lane, Shipper shipper, Counters counters, List<String> before) {
        Node node = lane.node();
        if (node.peers().state() == Peers.State.ALONE) {
            return null;
        }
        if (lane.config().general().store() == null) {
            LOG.warn(
                    "Without a DATABASE_URL the nodes of this cluster have the same keys, but each counts budgets and limits"
                            + " by itself: all of them together may use more");
            return null;
        }
        ClusterSettings settings = lane.config().cluster();
        NodeShares shares = new NodeShares(counters, charge -> stored(shipper, counters, charge));
        Leases.Cut cut = new Leases.Cut(settings != null && settings.openWhenCutOff(), arbiter(shipper), before);
        Leases leases = new Leases(node.vertx(), node.peers(), shares, cut);
        shares.divide(leases, node.vertx(), InstantSource.system());
        Gauge.builder("tollgate_cluster_cut_off", leases, each -> each.trouble() == null ? 0 : 1)
                .description("1 while this node cannot ask others what is left of budgets and limits")
                .register(node.metrics());
        leases.start();
        // Resets that were told while this node was not there.
        node.peers().onChange(() -> {
            if (node.peers().state() == Peers.State.JOINED) {
                shipper.balances().onSuccess(counters::renew);
            }
        });
        return new ClusterLimits(leases, shipper, node.peers());
    }

    /** Two halves of a cluster have one store, so it says which of them goes on. */
    private static Arbiter arbiter(Shipper shipper) {
        return (epoch, were, nodes) -> shipper.at(ledger -> ledger.claim(epoch, were, nodes))
                .map(said -> said.orElseThrow(() -> new IllegalStateException("The store is this node's own")));
    }

    /** Of an older period nothing counts any more. */
    private static Future<Long> stored(Shipper shipper, Counters counters, Charge charge) {
        return shipper.ask(ledger -> {
            Balance balance = ledger.balance(charge.holder());
            if (balance != null && balance.charge().periodMillis() > charge.periodMillis()) {
                counters.renew(List.of(balance));
                throw new IllegalStateException("Another period has begun");
            }
            return balance == null || balance.charge().periodMillis() != charge.periodMillis() ? 0L : balance.nanos();
        });
    }

    /** Balances of all nodes together. */
    Balances balances(NodeBalances own, Counters counters) {
        return new ClusterBalances(
                own,
                counters,
                holder -> shipper.ask(ledger -> Optional.ofNullable(ledger.balance(holder))),
                shipper::balances,
                shipper::adjust,
                peers);
    }

    /**
     * Sends each alert once in the cluster. Every node that knows of it writes it into the store, and the first one sends it. While the
     * store is away each does: better twice than never.
     */
    Consumer<Alert> once(Alerts alerts) {
        List<String> self = List.of(peers.self());
        return alert -> {
            List<String> name = List.of(
                    alert.event(),
                    alert.subject(),
                    String.valueOf(alert.fields().getValue("soft_budget")),
                    String.valueOf(alert.fields().getValue("max_budget")));
            shipper.at(ledger -> ledger.claim(0, name, self)).onComplete(first -> {
                if (first.failed() || first.result().orElse(self).equals(self)) {
                    alerts.raise(alert);
                }
            });
        };
    }

    /** Tells the others what this node has used at last; no call is under way any more. */
    Future<Void> leave() {
        return leases.leave();
    }
}
