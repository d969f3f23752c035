package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Spend rows in an embedded SQLite file: one connection, one thread. Each commit is synced: the journal is deleted after it, and must
 * not be gone when a loss of power takes the commit back.
 */
public final class SqliteLedger implements Ledger {
    private final Sql sql = new SqliteSql();
    private final Connection connection;
    private final Kept kept = new Kept();
    private final SqliteWrites writes;

    private SqliteLedger(Connection connection) {
        this.connection = connection;
        this.writes = new SqliteWrites(connection);
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
        List<Long> found = new ArrayList<>();
        // Closed before the commit: what is still open then is the next transaction's, which could not write any more
        // once
        // the book has written.
        read(
                "SELECT position FROM journal_positions WHERE file = ?",
                List.of(file),
                row -> found.add(row.whole("position")));
        return found.isEmpty() ? 0 : found.getFirst();
    }

    @Override
    public void store(List<SpendRow> rows, String file, long position) {
        written(() -> {
            // Written first: a transaction that begins by reading is refused as soon as the book's has written
            // meanwhile.
            writes.run(
                    "INSERT INTO journal_positions VALUES (?,?)"
                            + " ON CONFLICT(file) DO UPDATE SET position = excluded.position",
                    List.<Object[]>of(new Object[] {file, position}));
            List<Long> horizon = new ArrayList<>(1);
            select(sql.horizon(), List.of(), row -> horizon.add(row.whole("millis")));
            writes.store(kept.of(rows, row -> row, () -> horizon.isEmpty() ? 0 : horizon.getFirst()));
        });
        kept.committed();
    }

    @Override
    public long refused() {
        return kept.refused();
    }

    /** Statements of one transaction. */
    private interface Work {
        void run() throws SQLException;
    }

    private void written(Work work) {
        try {
            work.run();
            connection.commit();
        } catch (SQLException e) {
            undo();
            throw failed("written", e);
        }
    }

    private void undo() {
        writes.forget();
        try {
            connection.rollback();
        } catch (SQLException _) {
            // The failure that led here is the one to report.
        }
    }

    @Override
    public void forget(String file) {
        written(() ->
                writes.run("DELETE FROM journal_positions WHERE file = ?", List.<Object[]>of(new Object[] {file})));
    }

    @Override
    public JsonArray logs(Map<String, String> filter, Query.Scope scope) {
        SpendQuestion question = SpendQuestion.of(sql, filter, scope);
        SpendQuestion.Answer answer = question.answer();
        read(question.statement(), question.values(), answer::add);
        return answer.json();
    }

    @Override
    public JsonObject page(Map<String, String> filter, Query.Scope scope) {
        SpendPage page = new SpendPage(sql, filter, scope);
        List<Long> found = new ArrayList<>();
        JsonArray rows = new JsonArray();
        read(page.countStatement(), page.values(), row -> found.add(row.whole("found")));
        read(page.statement(), page.values(), row -> rows.add(SpendLog.json(row, sql.requestId(row))));
        return page.json(found.getFirst(), rows);
    }

    @Override
    public List<SpendSums.Sum> sums(SpendSums question) {
        List<SpendSums.Sum> sums = new ArrayList<>();
        read(question.statement(sql), question.values(sql), row -> sums.add(question.sum(row)));
        return sums;
    }

    @Override
    public List<Balance> balances() {
        BalanceSums.Answer answer = new BalanceSums.Answer();
        read(BalanceSums.latestQuestion(sql, "id"), List.of(), answer::add);
        return answer.balances();
    }

    @Override
    public @Nullable Balance balance(Holder holder) {
        BalanceSums.Answer answer = new BalanceSums.Answer();
        read(BalanceSums.latestOfQuestion(sql, "id"), List.of(holder.kind().storedName(), holder.id()), answer::add);
        return answer.first();
    }

    @Override
    public void adjust(Map<Charge, Long> amounts) {
        BalanceSums sums = new BalanceSums();
        amounts.forEach(sums::add);
        written(() -> writes.add(sums));
    }

    @Override
    public boolean forgetOldBalances() {
        List<Object[]> old = new ArrayList<>();
        read(
                BalanceSums.oldQuestion(sql, "id"),
                List.of(),
                row -> old.add(
                        new Object[] {row.textOrEmpty("kind"), row.textOrEmpty("id"), row.whole("period_millis")}));
        if (!old.isEmpty()) {
            written(() -> writes.run(BalanceSums.forget(sql, "id"), old));
        }
        return old.size() == BalanceSums.FORGET_AT_ONCE;
    }

    @Override
    public boolean deleteRows(long beforeMillis) {
        int[] deleted = new int[1];
        written(() -> {
            writes.run(
                    "INSERT INTO spend_horizon VALUES ('rows', ?)"
                            + " ON CONFLICT (name) DO UPDATE SET millis = max(millis, excluded.millis)",
                    List.<Object[]>of(new Object[] {beforeMillis}));
            deleted[0] = writes.run(sql.deleteSpend(DELETED_AT_ONCE), List.<Object[]>of(new Object[] {beforeMillis}));
        });
        return deleted[0] == DELETED_AT_ONCE;
    }

    @Override
    public List<StoredCall> calls(Wanted wanted) {
        List<StoredCall> calls = new ArrayList<>();
        String question = StoredCall.question(sql, wanted.model() != null, wanted.after() != null, READ_AT_ONCE);
        read(question, StoredCall.values(wanted), row -> calls.add(StoredCall.of(row)));
        return calls;
    }

    @Override
    public void reprice(Map<StoredCall, Long> costs, Payers payers) {
        written(() -> writes.reprice(costs, payers));
    }

    @Override
    public List<String> verify() {
        DailyCheck check = new DailyCheck();
        try {
            select(sql.horizon(), List.of(), row -> check.horizon(row.whole("millis")));
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
