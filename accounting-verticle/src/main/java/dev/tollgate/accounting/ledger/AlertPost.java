package dev.tollgate.accounting.ledger;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which node sends which alert. The first that writes an alert down has a lease on it, and says when it has sent it. A lease that ends
 * before belongs to a node that was lost, or whose word was: whoever changes its end has the next one. So an alert is sent at least once.
 * Every statement stands by itself, and may be done again when its answer was lost.
 */
final class AlertPost {
    /** Longer than any usual budget's period, so that an alert that was sent is not written down anew. */
    private static final Duration KEPT = Duration.ofDays(400);

    private static final int AT_ONCE = 100;

    private final ServerStore store;
    private final ServerConnection server;

    AlertPost(ServerStore store, ServerConnection server) {
        this.store = store;
        this.server = server;
    }

    /** See {@link Ledger#claimAlert}. */
    boolean claim(SqlConnection connection, PostedAlert alert, String node, Duration lease) {
        long now = System.currentTimeMillis();
        server.done(store.insert(connection, Bulk.ALERTS, List.<@Nullable Object[]>of(new Object[] {
            digest(alert.id()), node, alert.text(), now + lease.toMillis(), now
        })));
        Row found = server.done(connection
                        .preparedQuery("SELECT node, until_millis FROM " + store.table("alerts") + " WHERE digest = "
                                + store.parameter(1))
                        .execute(Tuple.of(digest(alert.id()))))
                .iterator()
                .next();
        return found.getString(0).equals(node) && found.getValue(1) != null;
    }

    /** See {@link Ledger#alertSent}. */
    void sent(SqlConnection connection, UUID id) {
        server.done(connection
                .preparedQuery("UPDATE " + store.table("alerts") + " SET until_millis = NULL WHERE digest = "
                        + store.parameter(1))
                .execute(Tuple.of(digest(id))));
    }

    /** See {@link Ledger#overdueAlerts}. */
    List<PostedAlert> overdue(SqlConnection connection, String node, Duration lease) {
        long now = System.currentTimeMillis();
        List<PostedAlert> taken = new ArrayList<>();
        server.done(connection
                        .preparedQuery("SELECT digest, alert, until_millis FROM " + store.table("alerts")
                                + " WHERE until_millis <= " + store.parameter(1) + " ORDER BY until_millis LIMIT "
                                + AT_ONCE)
                        .execute(Tuple.of(now)))
                .forEach(row -> {
                    if (takes(connection, row, node, now + lease.toMillis())) {
                        taken.add(
                                new PostedAlert(RequestId.uuid(row.getBuffer(0).getBytes()), row.getString(1)));
                    }
                });
        return taken;
    }

    private boolean takes(SqlConnection connection, Row row, String node, long untilMillis) {
        String sql = "UPDATE " + store.table("alerts") + " SET node = " + store.parameter(1) + ", until_millis = "
                + store.parameter(2) + " WHERE digest = " + store.parameter(3) + " AND until_millis = "
                + store.parameter(4);
        return server.done(connection
                                .preparedQuery(sql)
                                .execute(Tuple.of(node, untilMillis, row.getBuffer(0), row.getLong(2))))
                        .rowCount()
                == 1;
    }

    /** Also those that were never sent: nobody wants to hear of them any more. */
    void forgetOld(SqlConnection connection) {
        server.done(connection
                .preparedQuery("DELETE FROM " + store.table("alerts") + " WHERE made_millis < " + store.parameter(1))
                .execute(Tuple.of(System.currentTimeMillis() - KEPT.toMillis())));
    }

    private static Buffer digest(UUID id) {
        return Buffer.buffer(RequestId.bytes(id));
    }
}
