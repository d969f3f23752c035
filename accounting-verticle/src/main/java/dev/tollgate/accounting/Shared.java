package dev.tollgate.accounting;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.alert.Alerts;
import dev.tollgate.accounting.alert.DeploymentAlerts;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.FileKeys;
import dev.tollgate.accounting.book.KeyHolders;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StoredBook;
import dev.tollgate.accounting.book.Tally;
import dev.tollgate.accounting.desk.Desk;
import dev.tollgate.accounting.limit.Counters;
import dev.tollgate.accounting.limit.NodeBalances;
import dev.tollgate.accounting.limit.PayeeReport;
import dev.tollgate.accounting.price.DearDeployments;
import dev.tollgate.accounting.stored.Vault;
import dev.tollgate.cluster.Keyring;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.config.BudgetSettings;
import io.micrometer.core.instrument.FunctionCounter;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a node's lanes share: the way to the ledger, the book of accounts, and what they used. */
final class Shared {
    private final Shipper shipper;
    private final StoredBook book;
    private final Counters counters = new Counters();
    private final DearDeployments dear = new DearDeployments();
    private final Alerts alerts;
    private final Consumer<Alert> spendAlerts;
    private final Vault vault;
    private final DeploymentAlerts deployments;
    private final Desk desk;
    private final PayeeReport payees;
    private final @Nullable ClusterLimits together;

    /** The configuration has limits for calls of any key. */
    private volatile boolean everyone;

    /** Begins to read what is stored. */
    Shared(Lane first, Shipper shipper, StoredBook book, List<String> earlierIds) {
        this.shipper = shipper;
        this.book = book;
        NodeBalances own = new NodeBalances(
                counters,
                shipper::adjust,
                () -> first.config().general().budgets().zone(),
                InstantSource.system());
        FunctionCounter.builder("tollgate_spend_refused", shipper, Shipper::refused)
                .description("calls that came so late that they may have been stored and deleted before")
                .register(first.node().metrics());
        this.together = ClusterLimits.of(first, shipper, counters, earlierIds);
        Balances balances = together == null ? own : together.balances(own, counters);
        this.alerts = new Alerts(first.node().vertx(), first.node().metrics(), InstantSource.system());
        this.spendAlerts = together == null
                ? alerts::raise
                : together.once(alerts, first.node().vertx());
        this.deployments = new DeploymentAlerts(alerts);
        shipper.start();
        shipper.balances().onSuccess(counters::load);
        this.payees = new PayeeReport(counters, first.node().metrics(), InstantSource.system());
        this.vault = new Vault(book, first.node().shelf(), first.node().peers());
        this.desk = new Desk(book, balances, vault, InstantSource.system(), first.node()::starting);
        KeyHolders holders = new KeyHolders(book, InstantSource.system());
        first.onConfig(next -> {
            holders.models(next.models());
            book.fix(FileKeys.documents(next.virtualKeys()));
            vault.configured(next);
            desk.configured(next);
            alerts.configured(next.general().budgets().alerts());
            payees.configured(next);
            dear.forget();
            everyone = !next.general().budgets().tags().isEmpty()
                    || next.general().budgets().most() != null
                    || next.general().budgets().unpriced() == BudgetSettings.Unpriced.DENY;
        });
        Keyring keyring = first.node().keyring();
        keyring.fill(holders);
        keyring.anyKeys(() -> book.hasKeys() || !book.readable());
        keyring.limitEveryone(() -> everyone || book.limitsEveryone());
        book.confirmWhen(kinds -> kinds.contains(Kind.MODEL) || kinds.contains(Kind.CREDENTIAL)
                ? vault.settled()
                : Future.succeededFuture());
        book.start(this::changed);
    }

    /** Whenever the book has changed. Keys of the file are there before anything was read. */
    private void changed() {
        if (book.readable()) {
            vault.changed(book.stamp(Kind.MODEL) + 31 * book.stamp(Kind.CREDENTIAL));
        }
    }

    /** This node's rows, as they are stored. */
    void delivered(List<SpendRow> rows) {
        Tally tally = new Tally();
        rows.forEach(row -> tally.add(row.charges(), row.costNanos()));
        tally.forEach(counters::delivered);
    }

    Shipper shipper() {
        return shipper;
    }

    StoredBook book() {
        return book;
    }

    Counters counters() {
        return counters;
    }

    DearDeployments dear() {
        return dear;
    }

    Alerts alerts() {
        return alerts;
    }

    /** Takes alerts about what holders spent; where nodes divide that, one of them sends each. */
    Consumer<Alert> spendAlerts() {
        return spendAlerts;
    }

    DeploymentAlerts deployments() {
        return deployments;
    }

    PayeeReport payees() {
        return payees;
    }

    Desk desk() {
        return desk;
    }

    /** Writes what is left; completes when all is closed. */
    Future<Void> close(Node node) {
        desk.close();
        vault.close();
        return (together == null ? Future.<Void>succeededFuture() : together.leave())
                .eventually(shipper::close)
                .eventually(() -> node.vertx().executeBlocking(() -> {
                    book.close();
                    return null;
                }));
    }
}
