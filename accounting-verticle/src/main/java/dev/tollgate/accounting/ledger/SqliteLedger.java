package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.protocol.Usage;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;

/**
 * Spend rows in an embedded SQLite file: write-ahead log, one connection, one thread. Each commit is synced: the journal is deleted
 * after it, and must not be gone when a loss of power takes the commit back.
 */
public final class SqliteLedger implements Ledger {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String INSERT =
            "INSERT INTO spend_logs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                    + " ON CONFLICT(request_id) DO NOTHING";

    private final Connection connection;
    private final SecondClock clock = new SecondClock();

    /** Writes times; those of one second share all but their milliseconds, and rows come by time. */
    private static final class SecondClock {
        private long second = Long.MIN_VALUE;
        private String prefix = "";

        String text(long millis) {
            long wanted = Math.floorDiv(millis, 1000L);
            if (wanted != second) {
                second = wanted;
                String whole = time(wanted * 1000);
                prefix = whole.substring(0, whole.length() - 4);
            }
            int rest = Math.floorMod(millis, 1000);
            return prefix + (rest < 10 ? "00" : rest < 100 ? "0" : "") + rest + "Z";
        }
    }

    private SqliteLedger(Connection connection) {
        this.connection = connection;
    }

    /**
     * Opens the file, making it and its tables where they are missing.
     *
     * @throws IllegalStateException when that is not possible
     */
    public static SqliteLedger open(Path file) {
        String url = "jdbc:sqlite:" + file;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            readable(url);
            Flyway.configure()
                    .dataSource(url, "", "")
                    .locations("classpath:db/migration/sqlite")
                    .load()
                    .migrate();
            return new SqliteLedger(connected(url));
        } catch (IOException e) {
            throw new UncheckedIOException("The data folder of " + file + " cannot be made", e);
        } catch (SQLException e) {
            throw failed("opened", e);
        }
    }

    /** Flyway tries for ten seconds to make its table in a file that is no database; the first page tells at once. */
    private static void readable(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA schema_version");
        }
    }

    private static Connection connected(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout=5000");
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static IllegalStateException failed(String what, SQLException e) {
        return new IllegalStateException("The spend store cannot be " + what + ": " + e.getMessage(), e);
    }

    @Override
    public long position(String file) {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT position FROM journal_positions WHERE file = ?")) {
            select.setString(1, file);
            try (ResultSet rows = select.executeQuery()) {
                long position = rows.next() ? rows.getLong(1) : 0;
                connection.commit();
                return position;
            }
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    @Override
    public void store(List<SpendRow> rows, String file, long position) {
        try {
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                for (SpendRow row : rows) {
                    bind(insert, row);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO journal_positions VALUES (?,?)"
                    + " ON CONFLICT(file) DO UPDATE SET position = excluded.position")) {
                upsert.setString(1, file);
                upsert.setLong(2, position);
                upsert.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            undo();
            throw failed("written", e);
        }
    }

    private void undo() {
        try {
            connection.rollback();
        } catch (SQLException _) {
            // The failure that led here is the one to report.
        }
    }

    /** By position and type: a list of boxed values cost a fifth more a row. */
    private void bind(PreparedStatement insert, SpendRow row) throws SQLException {
        insert.setString(1, row.callId());
        insert.setString(2, row.callType());
        insert.setString(3, row.keyHash());
        insert.setString(4, row.user());
        insert.setString(5, row.team());
        insert.setString(6, row.endUser());
        insert.setString(7, row.requestedModel());
        insert.setString(8, row.model());
        insert.setString(9, row.modelId());
        insert.setString(10, row.modelGroup());
        insert.setString(11, row.provider());
        insert.setString(12, row.apiBase());
        insert.setString(13, row.tags());
        insert.setString(14, row.route());
        insert.setString(15, row.failure());
        insert.setInt(16, row.status());
        insert.setLong(17, row.costNanos());
        insert.setInt(18, row.priced() ? 1 : 0);
        insert.setInt(19, row.stream() ? 1 : 0);
        bind(insert, row.usage());
        insert.setString(30, clock.text(row.startedAtMillis()));
        insert.setString(31, clock.text(row.startedAtMillis() + Math.round(row.durationMillis())));
        insert.setString(
                32,
                row.firstTokenMillis() < 0
                        ? null
                        : clock.text(row.startedAtMillis() + Math.round(row.firstTokenMillis())));
        insert.setDouble(33, row.durationMillis());
    }

    private static void bind(PreparedStatement insert, Usage usage) throws SQLException {
        insert.setLong(20, usage.prompt());
        insert.setLong(21, usage.cacheRead());
        insert.setLong(22, usage.cacheWrite());
        insert.setLong(23, usage.cacheWriteHour());
        insert.setLong(24, usage.audioPrompt());
        insert.setLong(25, usage.completion());
        insert.setLong(26, usage.reasoning());
        insert.setLong(27, usage.audioCompletion());
        insert.setLong(28, usage.webSearches());
        insert.setInt(29, usage.reported() ? 1 : 0);
    }

    static String time(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis));
    }

    @Override
    public void forget(String file) {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM journal_positions WHERE file = ?")) {
            delete.setString(1, file);
            delete.executeUpdate();
            connection.commit();
        } catch (SQLException e) {
            undo();
            throw failed("written", e);
        }
    }

    @Override
    public JsonArray logs(Map<String, String> filter) {
        SpendQuestion question = SpendQuestion.of(filter);
        try {
            JsonArray answer = question.answer(connection);
            connection.commit();
            return answer;
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed("closed", e);
        }
    }
}
