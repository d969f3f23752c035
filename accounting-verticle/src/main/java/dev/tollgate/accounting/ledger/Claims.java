package dev.tollgate.accounting.ledger;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which halves of clusters go on, each as the first that asked wrote it down. Nothing here is ever changed, so that all read the same;
 * rows go when nobody can be left who has not read them.
 */
final class Claims {
    private static final Duration KEPT = Duration.ofDays(30);

    /** An earlier release claimed here who sends an alert, at epoch 0, which no cluster ever was at; nodes of it may still run. */
    private static final Duration ALERTS_KEPT = Duration.ofDays(400);

    private final ServerStore store;
    private final ServerConnection server;

    Claims(ServerStore store, ServerConnection server) {
        this.store = store;
        this.server = server;
    }

    /** See {@link Ledger#claim}. Statements by themselves: what the first has written, the second sees, whoever it was. */
    List<String> claim(SqlConnection connection, long epoch, List<String> were, List<String> nodes) {
        Buffer digest = Buffer.buffer(
                Digest.of(List.of(String.join("\n", were.stream().sorted().toList())), ""));
        long now = System.currentTimeMillis();
        server.done(store.insert(connection, Bulk.CLAIMS, List.<@Nullable Object[]>of(new Object[] {
            epoch, digest, String.join("\n", nodes), now
        })));
        String found = server.done(connection
                        .preparedQuery("SELECT nodes FROM " + store.table("cluster_claims") + " WHERE epoch = "
                                + store.parameter(1) + " AND digest = " + store.parameter(2))
                        .execute(Tuple.of(epoch, digest)))
                .iterator()
                .next()
                .getString(0);
        return List.of(found.split("\n"));
    }

    /** See {@link Ledger#forgetOldClaims}. */
    void forgetOld(SqlConnection connection) {
        long now = System.currentTimeMillis();
        forget(connection, " WHERE epoch > 0", now - KEPT.toMillis());
        forget(connection, " WHERE epoch = 0", now - ALERTS_KEPT.toMillis());
    }

    private void forget(SqlConnection connection, String which, long beforeMillis) {
        server.done(connection
                .preparedQuery("DELETE FROM " + store.table("cluster_claims") + which + " AND made_millis < "
                        + store.parameter(1))
                .execute(Tuple.of(beforeMillis)));
    }
}
