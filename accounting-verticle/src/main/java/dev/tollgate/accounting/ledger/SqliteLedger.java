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
import java.sql.Types;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * Spend rows in an embedded SQLite file: write-ahead log, one connection, one thread. Each commit is synced: the journal is deleted
 * after it, and must not be gone when a loss of power takes the commit back.
 */
public final class SqliteLedger implements Ledger {
    private static final String INSERT = "INSERT INTO spend (request_id, context, start_millis, duration_ms,"
            + " first_token_ms, spend_nanos, prompt_tokens, completion_tokens";
    private static final String UNLESS_THERE = " ON CONFLICT (request_id) DO NOTHING";

    /** Most calls have no other tokens than those of prompt and completion. */
    private static final String PLAIN = INSERT + ") VALUES (?,?,?,?,?,?,?,?)" + UNLESS_THERE;

    private static final String FULL = INSERT + ", cache_read_tokens, cache_write_tokens, cache_write_hour_tokens,"
            + " audio_prompt_tokens, reasoning_tokens, audio_completion_tokens, web_searches)"
            + " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)" + UNLESS_THERE;

    private final Connection connection;
    private final SpendContexts contexts;

    private SqliteLedger(Connection connection) {
        this.connection = connection;
        this.contexts = new SpendContexts(connection);
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
        SQLiteConfig config = new SQLiteConfig();
        // Used on one thread only, so SQLite need not guard itself against others.
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        // Asking for them costs half as much again as an insert.
        config.setGetGeneratedKeys(false);
        Connection connection = DriverManager.getConnection(url, config.toProperties());
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
            try (PreparedStatement plain = connection.prepareStatement(PLAIN);
                    PreparedStatement full = connection.prepareStatement(FULL)) {
                for (SpendRow row : rows) {
                    boolean details = detailed(row.usage());
                    PreparedStatement insert = details ? full : plain;
                    bind(insert, row);
                    if (details) {
                        bindDetails(insert, row.usage());
                    }
                    insert.executeUpdate();
                }
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
        contexts.forget();
        try {
            connection.rollback();
        } catch (SQLException _) {
            // The failure that led here is the one to report.
        }
    }

    private void bind(PreparedStatement insert, SpendRow row) throws SQLException {
        insert.setObject(1, RequestId.stored(row.callId()));
        insert.setLong(2, contexts.id(row));
        insert.setLong(3, row.startedAtMillis());
        insert.setDouble(4, row.durationMillis());
        if (row.firstTokenMillis() < 0) {
            insert.setNull(5, Types.DOUBLE);
        } else {
            insert.setDouble(5, row.firstTokenMillis());
        }
        insert.setLong(6, row.costNanos());
        insert.setLong(7, row.usage().prompt());
        insert.setLong(8, row.usage().completion());
    }

    private static boolean detailed(Usage usage) {
        return (usage.cacheRead()
                        | usage.cacheWrite()
                        | usage.cacheWriteHour()
                        | usage.audioPrompt()
                        | usage.reasoning()
                        | usage.audioCompletion()
                        | usage.webSearches())
                != 0;
    }

    private static void bindDetails(PreparedStatement insert, Usage usage) throws SQLException {
        insert.setLong(9, usage.cacheRead());
        insert.setLong(10, usage.cacheWrite());
        insert.setLong(11, usage.cacheWriteHour());
        insert.setLong(12, usage.audioPrompt());
        insert.setLong(13, usage.reasoning());
        insert.setLong(14, usage.audioCompletion());
        insert.setLong(15, usage.webSearches());
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
