package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

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

    private static void bind(PreparedStatement insert, SpendRow row) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(33);
        values.addAll(Arrays.asList(
                row.callId(),
                row.callType(),
                row.keyHash(),
                row.user(),
                row.team(),
                row.endUser(),
                row.requestedModel(),
                row.model(),
                row.modelId(),
                row.modelGroup(),
                row.provider(),
                row.apiBase(),
                row.tags(),
                row.route(),
                row.failure(),
                row.status(),
                row.costNanos(),
                row.priced() ? 1 : 0,
                row.stream() ? 1 : 0,
                row.usage().prompt(),
                row.usage().cacheRead(),
                row.usage().cacheWrite(),
                row.usage().cacheWriteHour(),
                row.usage().audioPrompt(),
                row.usage().completion(),
                row.usage().reasoning(),
                row.usage().audioCompletion(),
                row.usage().webSearches(),
                row.usage().reported() ? 1 : 0,
                time(row.startedAtMillis()),
                time(row.startedAtMillis() + Math.round(row.durationMillis())),
                row.firstTokenMillis() < 0 ? null : time(row.startedAtMillis() + Math.round(row.firstTokenMillis())),
                row.durationMillis()));
        for (int i = 0; i < values.size(); i++) {
            insert.setObject(i + 1, values.get(i));
        }
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
