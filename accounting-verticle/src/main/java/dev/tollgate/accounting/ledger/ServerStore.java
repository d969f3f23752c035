package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What {@link ServerLedger} and {@link ServerDefinitions} need to know of a database server's language. */
interface ServerStore extends Sql {
    /** The words of the server behind this URL. */
    static ServerStore of(StoreUrl url) {
        return switch (url.kind()) {
            case POSTGRESQL -> new PostgresStore(url);
            case MYSQL -> new MySqlStore(url);
        };
    }

    /** Connects. A server that does not answer is given up by whoever waits. */
    Future<? extends SqlConnection> connect(Vertx vertx);

    /** Statements that begin each connection. */
    List<String> session();

    /** Begins a transaction that sees one state of the store from its first question on. */
    List<String> beginSnapshot();

    /** Folder of its migrations. */
    String migrations();

    /** Asks for a row when our table of this name is there. */
    String tableThere(String name);

    /** Statements before migrations. */
    List<String> begin();

    /** Asks for a 1: migrations are this connection's alone from now on. */
    String tryLock();

    /** Takes the server a fifth of a second: for whoever comes again then. */
    String pause();

    /** Statements after that: our tables get a place to be, and making them may take long, but not for waiting for others. */
    List<String> locked();

    /** Statements after migrations. */
    List<String> unlock();

    /** What stands before a table's name. */
    String prefix();

    /** Inserts rows; they have a value or null for each column. */
    Future<?> insert(SqlConnection connection, Bulk bulk, List<@Nullable Object[]> rows);

    /** Rows of {@code select} whose column is one of these keys. */
    Future<RowSet<Row>> among(SqlConnection connection, String select, Bulk.Column column, List<Object> keys);

    /** A call id as it comes from a row. */
    UUID uuid(@Nullable Object value);

    @Override
    default String table(String name) {
        return prefix() + name;
    }

    @Override
    default String requestId(Columns row) {
        String given = row.text("given_id");
        return given != null ? given : uuid(row.get("request_id")).toString();
    }
}
