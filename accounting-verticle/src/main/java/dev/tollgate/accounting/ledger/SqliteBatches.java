package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.TwinLedger.Batch;
import io.vertx.core.buffer.Buffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tables about batches in the embedded store; whoever calls commits. */
final class SqliteBatches {
    private static final String NOTE = "INSERT INTO spend_origins VALUES (?,?,?) ON CONFLICT (origin) DO UPDATE SET"
            + " number = max(number, excluded.number), since = max(since, excluded.since)";

    private final Connection connection;
    private final SqliteWrites writes;

    SqliteBatches(Connection connection, SqliteWrites writes) {
        this.connection = connection;
        this.writes = writes;
    }

    /**
     * How much of an origin is here.
     *
     * @param number its last batch that is in the balances
     * @param since the first that is still kept; behind the last when none is
     */
    record Extent(long number, long since) {
        static final Extent NONE = new Extent(0, 1);
    }

    /** Begins a transaction as a writer: one who has read before cannot become one while another writes. */
    void begin() throws SQLException {
        run("UPDATE spend_origins SET number = number WHERE origin = ?", "");
    }

    private int run(String sql, Object... values) throws SQLException {
        return writes.run(sql, List.<Object[]>of(values));
    }

    Map<String, Extent> extents() throws SQLException {
        Map<String, Extent> extents = new HashMap<>();
        each(
                "SELECT origin, number, since FROM spend_origins",
                List.of(),
                row -> extents.put(row.getString(1), new Extent(row.getLong(2), row.getLong(3))));
        return extents;
    }

    Map<String, Long> origins() throws SQLException {
        Map<String, Long> origins = new HashMap<>();
        extents().forEach((origin, extent) -> origins.put(origin, extent.number()));
        return origins;
    }

    /** The next of its origin. */
    void keep(Batch batch, long nowMillis) throws SQLException {
        run(
                "INSERT INTO spend_batches (origin, number, added_millis, body) VALUES (?,?,?,?)",
                batch.origin(),
                batch.number(),
                nowMillis,
                batch.body().getBytes());
        run(NOTE, batch.origin(), batch.number(), 1);
    }

    /** So many batches of an origin are in the balances, though not all of them are here. */
    void skipTo(String origin, long number) throws SQLException {
        run(NOTE, origin, number, number + 1);
    }

    /** Batches of an origin from a number on, until {@code enough}; whether all were shown. */
    boolean from(String origin, long number, Predicate<Batch> enough) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT number, body FROM spend_batches WHERE origin = ? AND number >= ? ORDER BY number")) {
            select.setString(1, origin);
            select.setLong(2, number);
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    if (enough.test(new Batch(origin, found.getLong(1), Buffer.buffer(found.getBytes(2))))) {
                        return false;
                    }
                }
                return true;
            }
        }
    }

    /** What names that begin so hold of batches, in the order of their names. */
    List<Batch> ofOrigins(String prefix) throws SQLException {
        List<Batch> found = new ArrayList<>();
        each(
                "SELECT origin, number, body FROM spend_batches WHERE origin >= ? AND origin < ? ORDER BY origin, number",
                List.of(prefix, prefix + '\uFFFF'),
                row -> found.add(new Batch(row.getString(1), row.getLong(2), Buffer.buffer(row.getBytes(3)))));
        return found;
    }

    List<Balance> balances(String table) throws SQLException {
        List<Balance> balances = new ArrayList<>();
        each("SELECT kind, id, period_millis, spend_nanos FROM " + table, List.of(), row -> {
            Kind kind = Kind.named(row.getString(1)).orElse(null);
            if (kind != null) {
                Charge charge = new Charge(new Holder(kind, row.getString(2)), row.getLong(3));
                balances.add(new Balance(charge, row.getLong(4)));
            }
        });
        return balances;
    }

    /** What a holder spent in the period that began last, or null: nothing ever. */
    @Nullable Balance balance(Holder holder) throws SQLException {
        List<Balance> found = new ArrayList<>(1);
        each(
                "SELECT period_millis, spend_nanos FROM balances WHERE kind = ? AND id = ? ORDER BY period_millis DESC LIMIT 1",
                List.of(holder.kind().storedName(), holder.id()),
                row -> found.add(new Balance(new Charge(holder, row.getLong(1)), row.getLong(2))));
        return found.isEmpty() ? null : found.getFirst();
    }

    /** A name that this store has for something. */
    @Nullable String name(String of) throws SQLException {
        List<String> found = new ArrayList<>();
        each("SELECT value FROM spend_store WHERE name = ?", List.of(of), row -> found.add(row.getString(1)));
        return found.isEmpty() ? null : found.getFirst();
    }

    void name(String of, String value) throws SQLException {
        run("INSERT INTO spend_store VALUES (?,?)", of, value);
    }

    /** Of the oldest batches those behind the {@code kept} last ones, or of which rows may be deleted: the last one's id, or 0. */
    long cuttable(int most, long kept) throws SQLException {
        long[] last = new long[1];
        long[] horizon = new long[1];
        each("SELECT millis FROM spend_horizon", List.of(), row -> horizon[0] = row.getLong(1));
        each(
                "SELECT id, added_millis, (SELECT max(id) FROM spend_batches) FROM spend_batches ORDER BY id LIMIT ?",
                List.of(most),
                row -> {
                    if (row.getLong(3) - row.getLong(1) >= kept || row.getLong(2) < horizon[0]) {
                        last[0] = row.getLong(1);
                    }
                });
        return last[0];
    }

    /** Deletes batches up to that id; how many. */
    int cutTo(long id) throws SQLException {
        run(
                "UPDATE spend_origins SET since = max(since, (SELECT max(number) + 1 FROM spend_batches b"
                        + " WHERE b.origin = spend_origins.origin AND b.id <= ?))"
                        + " WHERE origin IN (SELECT origin FROM spend_batches WHERE id <= ?)",
                id,
                id);
        return run("DELETE FROM spend_batches WHERE id <= ?", id);
    }

    /** Deletes all rows of one of the tables of balances. */
    void empty(String table) throws SQLException {
        run("DELETE FROM " + table);
    }

    private interface Rows {
        void row(ResultSet row) throws SQLException;
    }

    private void each(String question, List<?> values, Rows rows) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(question)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    rows.row(found);
                }
            }
        }
    }
}
