package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A LiteLLM database, read in one transaction that sees one state of it and cannot write. Rows come as the JSON that PostgreSQL makes
 * of them: so whatever columns a version has are there under their names, and none is asked for that it has not.
 *
 * <p>Everything blocks. What goes wrong is an {@link IllegalStateException} whose message says what to do.
 */
public final class LiteLlmTables implements AutoCloseable {
    /** Every version of LiteLLM has had this one. */
    private static final String KEYS = "LiteLLM_VerificationToken";

    private static final int ROWS_AT_ONCE = 1_000;
    private static final int MOST_COUNTED = 100_000;

    private final StoreUrl url;
    private final String schema;
    private final ServerConnection server;
    private final Set<String> names = new TreeSet<>();
    private @Nullable SqlConnection connection;

    /**
     * How many rows there are.
     *
     * @param exact whether they were counted, or there are so many that the database's own estimate will do
     */
    public record Count(long rows, boolean exact) {
        @Override
        public String toString() {
            return (exact ? "" : "about ") + rows;
        }
    }

    private LiteLlmTables(StoreUrl url) {
        this.url = url;
        this.schema = url.schema().isEmpty() ? "public" : url.schema();
        this.server = ServerConnection.toLook(url, ServerStore.of(url));
    }

    /** Opens one. */
    public static LiteLlmTables open(StoreUrl url) {
        if (url.kind() != StoreUrl.Kind.POSTGRESQL) {
            throw new IllegalStateException(
                    url + " cannot be LiteLLM's: its database is PostgreSQL, so --from begins with" + " postgresql://");
        }
        LiteLlmTables tables = new LiteLlmTables(url);
        try {
            tables.begin();
            return tables;
        } catch (RuntimeException e) {
            tables.close();
            throw e;
        }
    }

    private void begin() {
        run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        // Servers before 12 would round numbers otherwise.
        run("SET LOCAL extra_float_digits = 1");
        for (Row row : run("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = " + quoted(schema, '\'')
                + " AND tablename LIKE 'LiteLLM\\_%'")) {
            names.add(row.getString(0));
        }
        if (!names.contains(KEYS)) {
            throw new IllegalStateException(url + " is no LiteLLM database: its schema `" + schema + "` has no table "
                    + KEYS + ". Give --from the DATABASE_URL that LiteLLM has, with its ?schema=… if there is one");
        }
    }

    /** All tables whose names begin as LiteLLM's do. */
    public Set<String> names() {
        return names;
    }

    /** Gives all rows of a table, in no order; none when there is no such table. */
    public void each(String table, Consumer<JsonObject> rows) {
        if (!names.contains(table)) {
            return;
        }
        run("DECLARE rows NO SCROLL CURSOR FOR SELECT row_to_json(t)::text FROM " + named(table) + " t");
        for (int got = ROWS_AT_ONCE; got == ROWS_AT_ONCE; ) {
            got = 0;
            for (Row row : run("FETCH " + ROWS_AT_ONCE + " FROM rows")) {
                rows.accept(new JsonObject(row.getString(0)));
                got++;
            }
        }
        run("CLOSE rows");
    }

    /** What a column says in each row of a table; rows where it says nothing, and columns that are missing, are left out. */
    public List<String> texts(String table, String column) {
        List<String> texts = new ArrayList<>();
        String value = "row_to_json(t)->>" + quoted(column, '\'');
        for (Row row :
                run("SELECT DISTINCT " + value + " FROM " + named(table) + " t WHERE " + value + " <> '' ORDER BY 1")) {
            texts.add(row.getString(0));
        }
        return texts;
    }

    /** How many rows a table has; a large one is not counted to its end. */
    public Count count(String table) {
        long counted =
                number("SELECT count(*) FROM (SELECT 1 FROM " + named(table) + " LIMIT " + (MOST_COUNTED + 1) + ") t");
        if (counted <= MOST_COUNTED) {
            return new Count(counted, true);
        }
        String name = quoted(named(table), '\'');
        return new Count(
                Math.max(counted, number("SELECT reltuples::bigint FROM pg_class WHERE oid = " + name + "::regclass")),
                false);
    }

    private long number(String sql) {
        return run(sql).iterator().next().getLong(0);
    }

    private String named(String table) {
        return quoted(schema, '"') + "." + quoted(table, '"');
    }

    private static String quoted(String text, char quote) {
        String mark = String.valueOf(quote);
        return mark + text.replace(mark, mark + mark) + mark;
    }

    private RowSet<Row> run(String sql) {
        return said(() -> server.run(connection == null ? opened() : connection, sql));
    }

    /** Once only: the transaction would not outlive the connection. */
    private SqlConnection opened() {
        SqlConnection made = server.open();
        connection = made;
        return made;
    }

    /** The store's own messages are about the gateway's database; here the other one is meant. */
    private <T> T said(Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreException e) {
            boolean denied = e.getCause() instanceof DatabaseException refusal && "42501".equals(refusal.getSqlState());
            throw new IllegalStateException(
                    denied
                            ? url
                                    + " does not let this login read LiteLLM's tables: GRANT SELECT on them, or use the login"
                                    + " that LiteLLM has"
                            : String.valueOf(e.getMessage()).replace("DATABASE_URL", "--from"),
                    e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
