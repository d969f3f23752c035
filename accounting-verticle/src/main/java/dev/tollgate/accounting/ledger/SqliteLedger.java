package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
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

/** Spend rows in an embedded SQLite file: write-ahead log, one connection, one thread. */
public final class SqliteLedger implements Ledger {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final int USUAL_LIMIT = 1_000;
    private static final int MOST = 100_000;
    private static final String INSERT =
            "INSERT OR IGNORE INTO spend_logs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

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
            Connection connection = DriverManager.getConnection(url);
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=NORMAL");
                statement.execute("PRAGMA busy_timeout=5000");
            }
            connection.setAutoCommit(false);
            return new SqliteLedger(connection);
        } catch (IOException e) {
            throw new UncheckedIOException("The data folder of " + file + " cannot be made", e);
        } catch (SQLException e) {
            throw failed("opened", e);
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

    private static String time(long millis) {
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
        StringBuilder sql = new StringBuilder("SELECT * FROM spend_logs WHERE 1=1");
        List<String> values = new ArrayList<>();
        condition(sql, values, "api_key = ?", filter.get("api_key"));
        condition(sql, values, "user_id = ?", filter.get("user_id"));
        condition(sql, values, "request_id = ?", filter.get("request_id"));
        condition(sql, values, "start_time >= ?", filter.get("start_date"));
        String end = filter.get("end_date");
        condition(sql, values, "start_time < ?", end == null ? null : after(end));
        sql.append(" ORDER BY start_time DESC, request_id DESC LIMIT ").append(limit(filter.get("limit")));
        try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
                select.setString(i + 1, values.get(i));
            }
            JsonArray found = new JsonArray();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(log(rows));
                }
            }
            connection.commit();
            return found;
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    private static void condition(StringBuilder sql, List<String> values, String condition, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            sql.append(" AND ").append(condition);
            values.add(value);
        }
    }

    /** A date without a time means the whole day. */
    private static String after(String end) {
        return end.length() == 10 ? end + "T99" : end;
    }

    private static int limit(@Nullable String asked) {
        try {
            return asked == null ? USUAL_LIMIT : Math.clamp(Integer.parseInt(asked), 1, MOST);
        } catch (NumberFormatException _) {
            return USUAL_LIMIT;
        }
    }

    private static JsonObject log(ResultSet row) throws SQLException {
        String tags = row.getString("request_tags");
        return new JsonObject()
                .put("request_id", row.getString("request_id"))
                .put("call_type", row.getString("call_type"))
                .put("api_key", row.getString("api_key") == null ? "" : row.getString("api_key"))
                .put("spend", BigDecimal.valueOf(row.getLong("spend_nanos"), 9).stripTrailingZeros())
                .put("total_tokens", row.getLong("prompt_tokens") + row.getLong("completion_tokens"))
                .put("prompt_tokens", row.getLong("prompt_tokens"))
                .put("completion_tokens", row.getLong("completion_tokens"))
                .put("startTime", row.getString("start_time"))
                .put("endTime", row.getString("end_time"))
                .put("completionStartTime", row.getString("first_token_time"))
                .put("model", row.getString("model"))
                .put("model_id", row.getString("model_id"))
                .put("model_group", row.getString("model_group"))
                .put("custom_llm_provider", row.getString("provider"))
                .put("api_base", row.getString("api_base"))
                .put("user", row.getString("user_id") == null ? "" : row.getString("user_id"))
                .put("team_id", row.getString("team_id"))
                .put("end_user", row.getString("end_user"))
                .put("request_tags", tags.isEmpty() ? new JsonArray() : new JsonArray(List.of(tags.split(","))))
                .put("cache_hit", "False")
                .put("status", row.getString("failure") == null ? "success" : "failure")
                .put("metadata", metadata(row));
    }

    private static JsonObject metadata(ResultSet row) throws SQLException {
        return new JsonObject()
                .put("status_code", row.getInt("status"))
                .put("error", row.getString("failure"))
                .put("requested_model", row.getString("requested_model"))
                .put("route", row.getString("route"))
                .put("priced", row.getInt("priced") == 1)
                .put("stream", row.getInt("stream") == 1)
                .put("duration_ms", row.getDouble("duration_ms"))
                .put("cache_read_tokens", row.getLong("cache_read_tokens"))
                .put("cache_write_tokens", row.getLong("cache_write_tokens"))
                .put("reasoning_tokens", row.getLong("reasoning_tokens"))
                .put("usage_reported", row.getInt("usage_reported") == 1);
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
