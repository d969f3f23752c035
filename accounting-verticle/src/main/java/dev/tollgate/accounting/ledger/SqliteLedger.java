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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Spend rows in an embedded SQLite file: one connection, one thread. Each commit is synced: the journal is deleted after it, and must
 * not be gone when a loss of power takes the commit back.
 */
public final class SqliteLedger implements Ledger {
    /** The last batches are kept; a node that lacks more of them takes over the balances, which is faster by then. */
    private static final int KEPT = 50_000;

    private final Sql sql = new SqliteSql();
    private final Path file;
    private final Connection connection;
    private final SqliteWork work;
    private final Kept kept = new Kept();
    private final SqliteWrites writes;
    private final OwnBatches batches;
    private final int batchesKept;

    private SqliteLedger(Path file, Connection connection, int batchesKept) throws SQLException {
        this.file = file;
        this.connection = connection;
        this.batchesKept = batchesKept;
        this.writes = new SqliteWrites(connection);
        this.batches = new OwnBatches(new SqliteBatches(connection, writes), writes);
        this.work = new SqliteWork(connection, () -> {
            writes.forget();
            batches.forget();
        });
        connection.commit();
    }

    /**
     * Opens the file, making it and its tables where they are missing.
     *
     * @throws IllegalStateException when that is not possible
     */
    public static SqliteLedger open(Path file) {
        return open(file, KEPT);
    }

    private static SqliteLedger open(Path file, int batchesKept) {
        try {
            return new SqliteLedger(file, SqliteFile.open(file), batchesKept);
        } catch (SQLException e) {
            throw SqliteWork.failed("opened", e);
        }
    }

    /** The same, of a node of a cluster: what is added from now on, all others get. */
    public static SqliteLedger openTogether(Path file) {
        return openTogether(file, KEPT);
    }

    /** The same, which keeps so many batches for nodes that were away. */
    public static SqliteLedger openTogether(Path file, int batchesKept) {
        SqliteLedger ledger = open(file, batchesKept);
        try {
            ledger.written(() -> ledger.batches.begin(System.currentTimeMillis()));
            return ledger;
        } catch (RuntimeException e) {
            ledger.close();
            throw e;
        }
    }

    private void written(SqliteWork.Task task) {
        work.write(task);
        batches.committed();
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
            List<SpendRow> fresh = new ArrayList<>();
            writes.store(
                    kept.of(rows, row -> row, () -> horizon.isEmpty() ? 0 : horizon.getFirst()),
                    batches.listens() ? fresh::add : _ -> {});
            batches.rows(fresh, System.currentTimeMillis());
        });
        kept.committed();
    }

    @Override
    public long refused() {
        return kept.refused();
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
        written(() -> {
            writes.correct(sums);
            batches.amounts(sums, System.currentTimeMillis());
        });
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
            written(() -> {
                writes.run(BalanceSums.forget(sql, "balances", "id"), old);
                writes.run(BalanceSums.forget(sql, "balance_corrections", "id"), old);
                batches.forgetOld(old);
            });
        }
        return old.size() == BalanceSums.FORGET_AT_ONCE;
    }

    @Override
    public boolean deleteRows(long beforeMillis) {
        boolean[] more = new boolean[1];
        written(() -> {
            writes.run(
                    "INSERT INTO spend_horizon VALUES ('rows', ?)"
                            + " ON CONFLICT (name) DO UPDATE SET millis = max(millis, excluded.millis)",
                    List.<Object[]>of(new Object[] {beforeMillis}));
            int deleted = writes.run(sql.deleteSpend(DELETED_AT_ONCE), List.<Object[]>of(new Object[] {beforeMillis}));
            more[0] = batches.expire() || deleted == DELETED_AT_ONCE;
        });
        return more[0];
    }

    @Override
    public List<StoredCall> calls(Wanted wanted) {
        List<StoredCall> calls = new ArrayList<>();
        String question = StoredCall.question(sql, wanted.model() != null, wanted.after() != null, READ_AT_ONCE);
        read(question, StoredCall.values(wanted), row -> calls.add(StoredCall.of(row)));
        return calls;
    }

    @Override
    public void reprice(Map<StoredCall, NewCost> costs, Payers payers) {
        written(() -> batches.amounts(writes.reprice(costs, payers), System.currentTimeMillis()));
    }

    @Override
    public List<String> verify(Consumer<String> remarks) {
        DailyCheck check = new DailyCheck();
        BalanceCheck balances = new BalanceCheck(sql, "id");
        List<Long> horizon = new ArrayList<>(1);
        work.read(() -> {
            select(sql.horizon(), List.of(), row -> horizon.add(row.whole("millis")));
            horizon.forEach(check::horizon);
            select(DailyCheck.storedQuestion(sql), List.of(), check::stored);
            // The first question began a transaction, so this one sees the same rows whatever is stored meanwhile.
            select(DailyCheck.summedQuestion(sql), List.of(), check::summed);
            balances.read(
                    horizon.isEmpty() ? 0 : horizon.getFirst(), (question, rows) -> select(question, List.of(), rows));
        });
        balances.remarks().forEach(remarks);
        return Stream.concat(check.differences().stream(), balances.differences().stream())
                .toList();
    }

    @Override
    public @Nullable Own own() {
        return batches.together() ? new Own(batches.origin(), batches.number()) : null;
    }

    @Override
    public Optional<TwinLedger> openTwin() {
        return Optional.of(SqliteTwin.open(file, batchesKept));
    }

    private void read(String question, List<Object> values, Consumer<Columns> rows) {
        work.read(() -> select(question, values, rows));
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
            throw SqliteWork.failed("read", e);
        }
    }

    @Override
    public void close() {
        work.close();
    }
}
