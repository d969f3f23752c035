package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The book's entries in a database server, by a connection of their own: they do not wait while a batch of spend is stored. Where a
 * connection breaks while a transaction is ended, nobody knows whether it was; it then is reported as failed, and the next look at
 * the store shows what came of it.
 */
public final class ServerDefinitions implements Definitions {
    private static final int TRIES = 3;

    private final ServerStore store;
    private final ServerConnection server;
    private final DefinitionsSql sql;

    private ServerDefinitions(ServerStore store, ServerConnection server) {
        this.store = store;
        this.server = server;
        this.sql = new DefinitionsSql(store);
    }

    /** Connects when it is first asked, and again whenever the connection is gone. */
    public static ServerDefinitions of(StoreUrl url) {
        ServerStore store = ServerStore.of(url);
        return new ServerDefinitions(store, new ServerConnection(url, store, () -> {}));
    }

    /** For looking only: where our tables are missing there is nothing, and they are not made. */
    public static ServerDefinitions toLook(StoreUrl url) {
        ServerStore store = ServerStore.of(url);
        return new ServerDefinitions(store, ServerConnection.toLook(url, store));
    }

    @Override
    public long changes(long after, Consumer<Definition> each) {
        try {
            SqlConnection connection = server.open();
            if (after == 0 && !there(connection)) {
                return 0;
            }
            store.beginSnapshot().forEach(statement -> server.run(connection, statement));
            long all = number(rows(connection, sql.revision()));
            long seen = after;
            RowSet<Row> page;
            do {
                page = rows(connection, sql.page(), seen);
                for (Row row : page) {
                    seen = row.getLong(2);
                    give(row, each);
                }
            } while (page.size() == DefinitionsSql.PAGE);
            server.run(connection, "COMMIT");
            return all;
        } catch (StoreException e) {
            server.undo(e);
            throw e;
        }
    }

    @Override
    public String identity() {
        try {
            SqlConnection connection = server.open();
            return sql.identity((statement, values) -> run(connection, statement, values));
        } catch (StoreException e) {
            server.undo(e);
            throw e;
        }
    }

    private boolean there(SqlConnection connection) {
        return server.run(connection, store.tableThere("definitions_revision"))
                .iterator()
                .hasNext();
    }

    private static void give(Row row, Consumer<Definition> each) {
        Kind kind = Kind.named(text(row, 0)).orElse(null);
        if (kind != null) {
            each.accept(new Definition(kind, text(row, 1), row.getLong(2), row.getString(3)));
        }
    }

    /** MySQL gives a column of bytes as such. */
    private static String text(Row row, int column) {
        Object value = Objects.requireNonNull(row.getValue(column));
        return value instanceof Buffer bytes ? bytes.toString(StandardCharsets.UTF_8) : value.toString();
    }

    @Override
    public long write(List<Change> changes, long nowMillis) throws Book.Stale {
        for (int tries = 1; ; tries++) {
            try {
                return writeOnce(changes, nowMillis);
            } catch (StoreException e) {
                server.undo(e);
                if (tries == TRIES || e.remedy() != StoreException.Remedy.AGAIN) {
                    throw e;
                }
            }
        }
    }

    private long writeOnce(List<Change> changes, long nowMillis) throws Book.Stale {
        SqlConnection connection = server.open();
        server.run(connection, "BEGIN");
        try {
            long version = sql.write((statement, values) -> run(connection, statement, values), changes, nowMillis);
            server.run(connection, "COMMIT");
            return version;
        } catch (Book.Stale e) {
            server.run(connection, "ROLLBACK");
            throw e;
        }
    }

    private long run(SqlConnection connection, String statement, @Nullable Object... values) {
        try {
            RowSet<Row> rows = rows(connection, statement, values);
            return rows.iterator().hasNext() ? number(rows) : rows.rowCount();
        } catch (StoreException e) {
            if (e.remedy() == StoreException.Remedy.LOOK_UP) {
                throw new DefinitionsSql.There(e);
            }
            throw e;
        }
    }

    private RowSet<Row> rows(SqlConnection connection, String statement, @Nullable Object... values) {
        Tuple tuple = Tuple.tuple();
        for (Object value : values) {
            tuple.addValue(value);
        }
        return server.done(connection.preparedQuery(statement).execute(tuple));
    }

    private static long number(RowSet<Row> rows) {
        return rows.iterator().next().getLong(0);
    }

    @Override
    public void close() {
        server.close();
    }
}
