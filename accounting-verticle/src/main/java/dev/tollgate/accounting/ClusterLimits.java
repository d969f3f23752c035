package dev.tollgate.accounting;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.alert.Alerts;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
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
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How this node divides budgets and limits with others of its cluster, which have the same store, or a store each. */
final class ClusterLimits {
    /** A disk that hangs must not keep this node from saying goodbye. */
    private static final long LONGEST_STORING_SECONDS = 10;

    private static final Duration[] ROUND_TRIPS = {
        Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5), Duration.ofMillis(10),
        Duration.ofMillis(25), Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(2)
    };

    private final Leases leases;
    private final Shipper shipper;
    private final Peers peers;

    /** Null: all nodes have one store. */
    private final @Nullable LedgerTwins twins;

    private ClusterLimits(Leases leases, Shipper shipper, Peers peers, @Nullable LedgerTwins twins) {
        this.leases = leases;
        this.shipper = shipper;
        this.peers = peers;
        this.twins = twins;
    }

    /**
     * Null: this node stands alone.
     *
     * @param before what this node was called before it was started anew
     */
    static @Nullable ClusterLimits of(Lane lane, Shipper shipper, Counters counters, List<String> before) {
        Node node = lane.node();
        if (node.peers().state() == Peers.State.ALONE) {
            return null;
        }
        LedgerTwins twins = lane.config().general().store() == null ? twins(node.peers(), shipper, counters) : null;
        NodeShares shares = twins == null
                ? new NodeShares(
                        counters,
                        charge -> latest(shipper, charge.holder()).map(found -> spent(counters, charge, found)))
                : NodeShares.ofTwins(
                        counters,
                        charge -> twins.balance(charge.holder()).map(found -> spent(counters, charge, found)));
        ClusterSettings settings = lane.config().cluster();
        Leases.Cut cut = new Leases.Cut(
                settings != null && settings.openWhenCutOff(), twins == null ? arbiter(shipper) : null, before);
        Timer asking = Timer.builder("tollgate_lease_round_trip")
                .description("How long another node took to answer when this one asked for more of a limit or a budget")
                .serviceLevelObjectives(ROUND_TRIPS)
                .register(node.metrics());
        Leases leases = new Leases(
                node.vertx(), node.peers(), shares, cut, nanos -> asking.record(nanos, TimeUnit.NANOSECONDS));
        shares.divide(leases, node.vertx(), InstantSource.system());
        Gauge.builder("tollgate_cluster_cut_off", leases, each -> each.trouble() == null ? 0 : 1)
                .description("1 while this node cannot ask others what is left of budgets and limits")
                .register(node.metrics());
        shipper.tellEarlier(new EarlierRuns(node.data().resolve("earlier-runs"), leases::brought));
        leases.start();
        // Resets that were told while this node was not there.
        node.peers().onChange(() -> {
            if (node.peers().state() == Peers.State.JOINED) {
                caughtUp(twins).compose(_ -> shipper.balances()).onSuccess(counters::renew);
            }
        });
        return new ClusterLimits(leases, shipper, node.peers(), twins);
    }

    private static LedgerTwins twins(Peers peers, Shipper shipper, Counters counters) {
        LedgerTwins twins = new LedgerTwins(peers, counters::renew, InstantSource.system());
        shipper.keepAlike(twins);
        return twins;
    }

    /** What is stored here is then what is stored anywhere, if it can be had. */
    private static Future<Void> caughtUp(@Nullable LedgerTwins twins) {
        return twins == null ? Future.succeededFuture() : twins.catchUp().otherwiseEmpty();
    }

    /** Two halves of a cluster have one store, so it says which of them goes on. */
    private static Arbiter arbiter(Shipper shipper) {
        return (epoch, were, nodes) -> shipper.at(ledger -> ledger.claim(epoch, were, nodes))
                .map(said -> said.orElseThrow(() -> new IllegalStateException("The store is this node's own")));
    }

    private static Future<Optional<Balance>> latest(Shipper shipper, Holder holder) {
        return shipper.ask(ledger -> Optional.ofNullable(ledger.balance(holder)));
    }

    /** Of an older period nothing counts any more. */
    private static long spent(Counters counters, Charge charge, Optional<Balance> found) {
        found.filter(balance -> balance.charge().periodMillis() > charge.periodMillis())
                .ifPresent(later -> {
                    counters.renew(List.of(later));
                    throw new IllegalStateException("Another period has begun");
                });
        return found.filter(balance -> balance.charge().periodMillis() == charge.periodMillis())
                .map(Balance::nanos)
                .orElse(0L);
    }

    /** Balances of all nodes together. */
    Balances balances(NodeBalances own, Counters counters) {
        return new ClusterBalances(
                own,
                counters,
                holder -> latest(shipper, holder),
                twins == null ? holder -> latest(shipper, holder) : twins::balance,
                shipper::balances,
                shipper::adjust,
                peers);
    }

    /** Sends each alert once in the cluster; where each node has a store of its own, each sends it. */
    Consumer<Alert> once(Alerts alerts, Vertx vertx) {
        if (twins != null) {
            return alerts::raise;
        }
        SharedAlerts shared = new SharedAlerts(shipper, alerts, peers.self());
        shared.start(vertx);
        return shared;
    }

    /** Gives the others what this node stored, if it can, and tells them what it has used at last; no call is under way any more. */
    Future<Void> leave() {
        LedgerTwins others = twins;
        return others == null
                ? leases.leave()
                : shipper.ask(ledger -> true)
                        .timeout(LONGEST_STORING_SECONDS, TimeUnit.SECONDS)
                        .compose(_ -> others.handOver())
                        .transform(_ -> leases.leave());
    }
}
