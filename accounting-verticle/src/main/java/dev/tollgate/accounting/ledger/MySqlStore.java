package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.mysqlclient.SslMode;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MySQL and MariaDB. Rows go in by statements of many rows. A schema and a database are the same here, so that our tables stand in
 * the database of the URL and have a prefix.
 */
final class MySqlStore implements ServerStore {
    /** Rows a statement: far below the 65,535 parameters that one may have, and below 16 MB, which MariaDB takes at once. */
    private static final int AT_ONCE = 250;

    private final StoreUrl url;
    private final String prefix;

    MySqlStore(StoreUrl url) {
        this.url = url;
        this.prefix = url.schema().isEmpty()
                ? "tollgate_"
                : "tollgate_" + url.schema().replace('-', '_') + "_";
    }

    @Override
    public Future<? extends SqlConnection> connect(Vertx vertx) {
        String user = url.user().reveal();
        MySQLConnectOptions options = new MySQLConnectOptions()
                .setHost(url.host())
                .setPort(url.port())
                .setDatabase(url.database())
                .setUser(user.isEmpty() ? System.getProperty("user.name") : user)
                .setPassword(url.password().reveal())
                .setProperties(Map.of("program_name", "tollgate"))
                .setCharset("utf8mb4")
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(64)
                // A statement of many rows is long, and the one that is worth keeping.
                .setPreparedStatementCacheSqlLimit(64 << 10)
                .setSslMode(mode(url.tls().mode()));
        if (url.tls().mode() != StoreUrl.Tls.Mode.DISABLE) {
            options.setSslOptions(StoreTls.options(url.tls()));
        }
        return MySQLConnection.connect(vertx, options);
    }

    private static SslMode mode(StoreUrl.Tls.Mode mode) {
        return switch (mode) {
            case DISABLE -> SslMode.DISABLED;
            case PREFER -> SslMode.PREFERRED;
            case REQUIRE -> SslMode.REQUIRED;
            case VERIFY_CA -> SslMode.VERIFY_CA;
            case VERIFY_FULL -> SslMode.VERIFY_IDENTITY;
        };
    }

    /** Waiting for another node's lock must end before we give the statement up. */
    @Override
    public List<String> session() {
        long seconds = Math.max(1, url.statementTimeout().toSeconds() / 2);
        return List.of("SET SESSION innodb_lock_wait_timeout = " + seconds);
    }

    @Override
    public List<String> beginSnapshot() {
        return List.of("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY");
    }

    @Override
    public String migrations() {
        return "mysql";
    }

    @Override
    public String tableThere(String name) {
        return "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '" + prefix
                + name + "'";
    }

    @Override
    public List<String> begin() {
        return List.of();
    }

    /** The lock's name is the server's, so it names the database. It goes with the connection at the latest. */
    @Override
    public String tryLock() {
        return "SELECT COALESCE(GET_LOCK(CONCAT('" + prefix + "', LEFT(DATABASE(), 40)), 0), 0)";
    }

    @Override
    public String pause() {
        return "SELECT SLEEP(0.2)";
    }

    @Override
    public List<String> locked() {
        return List.of("SET SESSION lock_wait_timeout = "
                + Math.max(1, url.statementTimeout().toSeconds()));
    }

    @Override
    public List<String> unlock() {
        return List.of("DO RELEASE_LOCK(CONCAT('" + prefix + "', LEFT(DATABASE(), 40)))");
    }

    @Override
    public String prefix() {
        return prefix;
    }

    @Override
    public Future<?> insert(SqlConnection connection, Bulk bulk, List<@Nullable Object[]> rows) {
        Future<?> chain = Future.succeededFuture();
        for (int from = 0; from < rows.size(); from += AT_ONCE) {
            List<@Nullable Object[]> part = rows.subList(from, Math.min(rows.size(), from + AT_ONCE));
            chain = chain.compose(_ -> insertPart(connection, bulk, part));
        }
        return chain;
    }

    private Future<?> insertPart(SqlConnection connection, Bulk bulk, List<@Nullable Object[]> rows) {
        Tuple values = Tuple.tuple();
        for (Object[] row : rows) {
            for (Object value : row) {
                values.addValue(value instanceof UUID id ? Buffer.buffer(RequestId.bytes(id)) : value);
            }
        }
        String one = "(?" + ",?".repeat(bulk.columns().size() - 1) + ")";
        String sql = "INSERT INTO " + table(bulk.table()) + " (" + bulk.names() + ") VALUES " + one
                + ("," + one).repeat(rows.size() - 1) + conflict(bulk);
        return connection.preparedQuery(sql).execute(values);
    }

    private static String conflict(Bulk bulk) {
        String on = " ON DUPLICATE KEY UPDATE ";
        return switch (bulk.conflict()) {
            case REFUSE -> "";
            case KEEP -> on + "%1$s = %1$s".formatted(bulk.columns().getFirst().name());
            case ADD -> on + changes(bulk, "%1$s = %1$s + VALUES(%1$s)");
            case REPLACE -> on + changes(bulk, "%1$s = VALUES(%1$s)");
        };
    }

    private static String changes(Bulk bulk, String each) {
        return bulk.changing().stream().map(each::formatted).collect(Collectors.joining(", "));
    }

    @Override
    public Future<RowSet<Row>> among(SqlConnection connection, String select, Bulk.Column column, List<Object> keys) {
        Tuple values = Tuple.tuple();
        keys.forEach(key -> values.addValue(key instanceof UUID id ? Buffer.buffer(RequestId.bytes(id)) : key));
        return connection
                .preparedQuery(select + " WHERE " + column.name() + " IN (?" + ",?".repeat(keys.size() - 1) + ")")
                .execute(values);
    }

    @Override
    public UUID uuid(@Nullable Object value) {
        return RequestId.uuid(((Buffer) Objects.requireNonNull(value)).getBytes());
    }

    @Override
    public String parameter(int number) {
        return "?";
    }

    @Override
    public String startDay() {
        return "CAST(DATE_ADD('1970-01-01', INTERVAL start_millis DIV " + DailySpend.DAY_MILLIS + " DAY) AS DATE)";
    }

    @Override
    public Object day(LocalDate day) {
        return day;
    }

    @Override
    public Object requestId(String id) {
        return Buffer.buffer(RequestId.bytes(RequestId.uuid(id)));
    }

    @Override
    public String deleteSpend(int most) {
        return "DELETE FROM " + table("spend") + " WHERE start_millis < ? LIMIT " + most;
    }
}
