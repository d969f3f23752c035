package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.DeploymentNews;
import dev.tollgate.protocol.DeploymentNews.What;
import dev.tollgate.protocol.Failure;
import java.util.function.LongSupplier;

/** Tells accounting, which has the alerts, what changes about deployments. Nobody waits for an answer. */
final class Bulletin {
    private final Bus bus;
    private final LoadBoard board;
    private final LongSupplier clock;
    private long slowMillis = Long.MAX_VALUE;

    Bulletin(Bus bus, LoadBoard board, LongSupplier clock) {
        this.bus = bus;
        this.board = board;
        this.clock = clock;
    }

    void configure(Snapshot next) {
        slowMillis = next.general().budgets().alerts().slow().toMillis();
    }

    /** An answer came, or began, after so long. */
    void answered(Deployment deployment, boolean recovered, double millis) {
        if (recovered) {
            tell(What.RECOVERED, deployment, deployment.group(), "", 0);
        }
        if (millis > slowMillis) {
            tell(What.SLOW, deployment, deployment.group(), "", Math.round(millis));
        }
    }

    /** A failure came to this. */
    void failed(Deployment deployment, Failure failure, Cooldowns.Effect effect, Snapshot config) {
        switch (effect) {
            case NONE -> {}
            case FAILING -> tell(What.FAILING, deployment, group(deployment, config), failure.message(), 0);
            case COOLED -> {
                long now = clock.getAsLong();
                long left = board.cooledUntil(deployment.id()) - now;
                String group = group(deployment, config);
                tell(What.COOLED, deployment, group, failure.message(), left);
                boolean anybody = config.models().deployments().stream()
                        .anyMatch(each -> each.group().equals(group) && board.cooledUntil(each.id()) <= now);
                if (!anybody) {
                    tell(What.OUTAGE, deployment, group, failure.message(), left);
                }
            }
        }
    }

    /** As configured: behind a wildcard, clients choose names. */
    private static String group(Deployment deployment, Snapshot config) {
        Deployment configured = config.models().byId(deployment.id());
        return configured == null ? deployment.group() : configured.group();
    }

    private void tell(What what, Deployment deployment, String group, String cause, long millis) {
        bus.ask(
                Addresses.NEWS,
                new DeploymentNews(
                        what,
                        deployment.id(),
                        group,
                        deployment.qualifiedModel(),
                        deployment.apiBase(),
                        cause,
                        millis));
    }
}
