package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.Array;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. Rows go in by one statement with an array a column ({@code unnest}): 1.4 µs of our time a row, where a batch of inserts
 * takes 6.2. Our tables have a schema of their own, for LiteLLM's {@code prisma db push} drops what it does not know in its own one.
 */
final class PostgresStore implements ServerStore {
    private final StoreUrl url;
    private final String schema;

    PostgresStore(StoreUrl url) {
        this.url = url;
        boolean usual = url.schema().isEmpty() || url.schema().equals("public");
        this.schema = usual ? "tollgate" : "tollgate_" + url.schema();
    }

    @Override
    public Future<? extends SqlConnection> connect(Vertx vertx) {
        String user = url.user().reveal();
        PgConnectOptions options = new PgConnectOptions()
                .setHost(url.host())
                .setPort(url.port())
                .setDatabase(url.database())
                .setUser(user.isEmpty() ? System.getProperty("user.name") : user)
                .setPassword(url.password().reveal())
                .setProperties(Map.of("application_name", "tollgate"))
                .setCachePreparedStatements(!url.pooled())
                .setPreparedStatementCacheSqlLimit(4_096)
                .setUseLayer7Proxy(url.pooled())
                .setSslMode(mode(url.tls().mode()));
        if (url.tls().mode() != StoreUrl.Tls.Mode.DISABLE) {
            options.setSslOptions(StoreTls.options(url.tls()));
        }
        return PgConnection.connect(vertx, options);
    }

    private static SslMode mode(StoreUrl.Tls.Mode mode) {
        return switch (mode) {
            case DISABLE -> SslMode.DISABLE;
            case PREFER -> SslMode.PREFER;
            case REQUIRE -> SslMode.REQUIRE;
            case VERIFY_CA -> SslMode.VERIFY_CA;
            case VERIFY_FULL -> SslMode.VERIFY_FULL;
        };
    }

    /** A pooler gives connections, with what was set on them, to others. */
    @Override
    public List<String> session() {
        long millis = url.statementTimeout().toMillis();
        return url.pooled()
                ? List.of()
                : List.of("SET statement_timeout = " + millis + "; SET idle_in_transaction_session_timeout = "
                        + 2 * millis);
    }

    @Override
    public List<String> beginSnapshot() {
        return List.of("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }

    @Override
    public String migrations() {
        return "postgresql";
    }

    @Override
    public String tableThere(String name) {
        return "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = '" + schema + "' AND tablename = '" + name + "'";
    }

    @Override
    public List<String> begin() {
        return List.of("BEGIN");
    }

    /** A lock of the transaction, which works through a pooler too. */
    @Override
    public String tryLock() {
        return "SELECT CASE WHEN pg_try_advisory_xact_lock(hashtext('" + schema + "')) THEN 1 ELSE 0 END";
    }

    @Override
    public String pause() {
        return "SELECT pg_sleep(0.2)";
    }

    /** The schema is only made where it is missing: that needs a right. */
    @Override
    public List<String> locked() {
        return List.of(
                "SET LOCAL statement_timeout = 0",
                "SET LOCAL lock_timeout = " + url.statementTimeout().toMillis(),
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '" + schema
                        + "') THEN CREATE SCHEMA \"" + schema + "\"; END IF; END $$");
    }

    @Override
    public List<String> unlock() {
        return List.of("COMMIT");
    }

    @Override
    public String prefix() {
        return '"' + schema + "\".";
    }

    @Override
    public Future<?> insert(SqlConnection connection, Bulk bulk, List<@Nullable Object[]> rows) {
        Tuple arrays = Tuple.tuple();
        StringBuilder parameters = new StringBuilder();
        for (int i = 0; i < bulk.columns().size(); i++) {
            Bulk.Type type = bulk.columns().get(i).type();
            Object array = Array.newInstance(type.java(), rows.size());
            for (int row = 0; row < rows.size(); row++) {
                Array.set(array, row, rows.get(row)[i]);
            }
            arrays.addValue(array);
            parameters
                    .append(i == 0 ? "$" : ", $")
                    .append(i + 1)
                    .append("::")
                    .append(type.postgres())
                    .append("[]");
        }
        String sql = "INSERT INTO " + table(bulk.table()) + " AS t (" + bulk.names() + ") SELECT * FROM unnest("
                + parameters + ")" + conflict(bulk);
        return connection.preparedQuery(sql).execute(arrays);
    }

    private static String conflict(Bulk bulk) {
        String on = " ON CONFLICT (" + bulk.keyNames() + ") DO ";
        return switch (bulk.conflict()) {
            case REFUSE -> "";
            case KEEP -> on + "NOTHING";
            case ADD -> on + "UPDATE SET " + changes(bulk, "%1$s = t.%1$s + excluded.%1$s");
            case REPLACE -> on + "UPDATE SET " + changes(bulk, "%1$s = excluded.%1$s");
        };
    }

    private static String changes(Bulk bulk, String each) {
        return bulk.changing().stream().map(each::formatted).collect(Collectors.joining(", "));
    }

    @Override
    public Future<RowSet<Row>> among(SqlConnection connection, String select, Bulk.Column column, List<Object> keys) {
        Object array = keys.toArray((Object[]) Array.newInstance(column.type().java(), 0));
        return connection
                .preparedQuery(select + " WHERE " + column.name() + " = ANY($1::"
                        + column.type().postgres() + "[])")
                .execute(Tuple.tuple().addValue(array));
    }

    @Override
    public UUID uuid(@Nullable Object value) {
        return (UUID) Objects.requireNonNull(value);
    }

    @Override
    public String parameter(int number) {
        return "$" + number;
    }

    @Override
    public String startDay() {
        return "DATE '1970-01-01' + (start_millis / " + DailySpend.DAY_MILLIS + ")::integer";
    }

    @Override
    public Object day(LocalDate day) {
        return day;
    }

    @Override
    public Object requestId(String id) {
        return RequestId.uuid(id);
    }
}
