package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.protocol.Usage;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Spend rows in an embedded SQLite file: one connection, one thread. Each commit is synced: the journal is deleted after it, and must
 * not be gone when a loss of power takes the commit back.
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

    private static final String SUM_UP = "INSERT INTO spend_daily VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
            + " ON CONFLICT (day, api_key, user_id, team_id, model_group, model, provider) DO UPDATE SET"
            + " requests = requests + excluded.requests, failed = failed + excluded.failed,"
            + " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
            + " completion_tokens = completion_tokens + excluded.completion_tokens,"
            + " spend_nanos = spend_nanos + excluded.spend_nanos";

    private final Sql sql = new SqliteSql();
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
        try {
            return new SqliteLedger(SqliteFile.open(file));
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
            undo();
            throw failed("read", e);
        }
    }

    @Override
    public void store(List<SpendRow> rows, String file, long position) {
        try {
            // Written first: a transaction that begins by reading is refused as soon as the book's has written
            // meanwhile.
            moveTo(file, position);
            DailySpend daily = new DailySpend();
            try (PreparedStatement plain = connection.prepareStatement(PLAIN);
                    PreparedStatement full = connection.prepareStatement(FULL)) {
                for (SpendRow row : rows) {
                    boolean details = detailed(row.usage());
                    PreparedStatement insert = details ? full : plain;
                    Context context = Context.of(row);
                    long id = contexts.id(context);
                    bind(insert, row, id);
                    if (details) {
                        bindDetails(insert, row.usage());
                    }
                    if (insert.executeUpdate() == 1) {
                        daily.add(row, context, id);
                    }
                }
            }
            sumUp(daily);
            connection.commit();
        } catch (SQLException e) {
            undo();
            throw failed("written", e);
        }
    }

    private void moveTo(String file, long position) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO journal_positions VALUES (?,?)"
                + " ON CONFLICT(file) DO UPDATE SET position = excluded.position")) {
            upsert.setString(1, file);
            upsert.setLong(2, position);
            upsert.executeUpdate();
        }
    }

    private void sumUp(DailySpend daily) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(SUM_UP)) {
            for (var each : daily.groups().entrySet()) {
                DailySpend.Group group = each.getKey();
                DailySpend.Sums sums = each.getValue();
                upsert.setString(1, group.date().toString());
                upsert.setString(2, group.apiKey());
                upsert.setString(3, group.user());
                upsert.setString(4, group.team());
                upsert.setString(5, group.modelGroup());
                upsert.setString(6, group.model());
                upsert.setString(7, group.provider());
                upsert.setLong(8, sums.requests());
                upsert.setLong(9, sums.failed());
                upsert.setLong(10, sums.promptTokens());
                upsert.setLong(11, sums.completionTokens());
                upsert.setLong(12, sums.nanos());
                upsert.executeUpdate();
            }
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

    private static void bind(PreparedStatement insert, SpendRow row, long context) throws SQLException {
        insert.setObject(1, RequestId.stored(row.callId()));
        insert.setLong(2, context);
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
        SpendQuestion question = SpendQuestion.of(sql, filter);
        SpendQuestion.Answer answer = question.answer();
        read(question.statement(), question.values(), answer::add);
        return answer.json();
    }

    @Override
    public List<String> verify() {
        DailyCheck check = new DailyCheck();
        try {
            select(DailyCheck.storedQuestion(sql), List.of(), check::stored);
            // The first question began a transaction, so this one sees the same rows whatever is stored meanwhile.
            read(DailyCheck.summedQuestion(sql), List.of(), check::summed);
            return check.differences();
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    private void read(String question, List<Object> values, Consumer<Columns> rows) {
        try {
            select(question, values, rows);
            connection.commit();
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    private void select(String question, List<Object> values, Consumer<Columns> rows) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(question)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            try (ResultSet found = select.executeQuery()) {
                Columns row = column -> value(found, column);
                while (found.next()) {
                    rows.accept(row);
                }
            }
        }
    }

    private static @Nullable Object value(ResultSet row, String column) {
        try {
            return row.getObject(column);
        } catch (SQLException e) {
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
