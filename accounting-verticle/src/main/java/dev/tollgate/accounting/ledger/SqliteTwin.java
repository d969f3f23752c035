package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.ledger.SqliteBatches.Extent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The embedded store as one of several that are kept alike, over a connection of its own. */
final class SqliteTwin implements TwinLedger {
    private static final int CUT_AT_ONCE = 200;

    private final SqliteWork work;
    private final SqliteWrites writes;
    private final SqliteBatches batches;
    private final CopiedStore copied;
    private final int kept;

    private SqliteTwin(Connection connection, int kept) {
        this.writes = new SqliteWrites(connection);
        this.work = new SqliteWork(connection, writes::forget);
        this.batches = new SqliteBatches(connection, writes);
        this.copied = new CopiedStore(batches, writes);
        this.kept = kept;
    }

    /** {@code kept}: how many batches are kept for nodes that were away. */
    static SqliteTwin open(Path file, int kept) {
        try {
            return new SqliteTwin(SqliteFile.again(file), kept);
        } catch (SQLException e) {
            throw SqliteWork.failed("opened", e);
        }
    }

    @Override
    public Map<String, Long> origins() {
        return work.reading(batches::origins);
    }

    @Override
    public Lacking lacking(Map<String, Long> known, int mostBytes) {
        return work.reading(() -> {
            Map<String, Extent> here = batches.extents();
            List<Batch> found = new ArrayList<>();
            boolean cut = here.entrySet().stream().anyMatch(each -> {
                long next = known.getOrDefault(each.getKey(), 0L) + 1;
                return next <= each.getValue().number()
                        && next < each.getValue().since();
            });
            return cut
                    ? new Lacking(List.of(), true, true)
                    : new Lacking(found, !gathered(known, here, mostBytes, found), false);
        });
    }

    /** Whether these are all. */
    private boolean gathered(Map<String, Long> known, Map<String, Extent> here, int mostBytes, List<Batch> found)
            throws SQLException {
        int[] bytes = new int[1];
        for (Map.Entry<String, Extent> each : here.entrySet()) {
            long next = known.getOrDefault(each.getKey(), 0L) + 1;
            boolean all = next > each.getValue().number()
                    || batches.from(each.getKey(), next, batch -> {
                        if (bytes[0] >= mostBytes) {
                            return true;
                        }
                        found.add(batch);
                        bytes[0] += batch.body().length();
                        return false;
                    });
            if (!all) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Added add(List<Batch> added, long nowMillis) {
        return work.writing(() -> {
            batches.begin();
            Map<String, Long> origins = batches.origins();
            Set<Holder> byHand = new LinkedHashSet<>();
            for (Batch batch : added) {
                if (batch.number() == origins.getOrDefault(batch.origin(), 0L) + 1) {
                    origins.put(batch.origin(), batch.number());
                    batches.keep(batch, nowMillis);
                    apply(batch, byHand);
                    if (BatchBody.isHeld(batch.body())) {
                        copied.met(batch, origins, nowMillis);
                    }
                }
            }
            List<Balance> balances = new ArrayList<>();
            for (Holder holder : byHand) {
                Balance balance = batches.balance(holder);
                if (balance != null) {
                    balances.add(balance);
                }
            }
            return new Added(origins, balances);
        });
    }

    private void apply(Batch batch, Set<Holder> byHand) throws SQLException {
        List<SpendRow> rows = BatchBody.rows(batch.body());
        if (!rows.isEmpty()) {
            writes.store(rows, _ -> {});
            return;
        }
        BalanceSums sums = BatchBody.sums(batch.body());
        writes.correct(sums);
        // What a store held may have been reset before it was one of several.
        if (BatchBody.isByHand(batch.body()) || BatchBody.isHeld(batch.body())) {
            sums.sums().keySet().forEach(charge -> byHand.add(charge.holder()));
        }
    }

    @Override
    public Snapshot snapshot() {
        return work.reading(() -> new Snapshot(batches.origins(), batches.balances("balances")));
    }

    @Override
    public boolean restore(Snapshot snapshot) {
        return work.writing(() -> {
            batches.begin();
            Map<String, Extent> here = batches.extents();
            BalanceSums only = new BalanceSums();
            boolean known = onlyHere(here, snapshot.origins(), only);
            Map<Charge, Long> all = new HashMap<>();
            snapshot.balances().forEach(each -> all.merge(each.charge(), each.nanos(), Long::sum));
            if (known) {
                only.sums().forEach((charge, nanos) -> all.merge(charge, nanos, Long::sum));
            } else {
                batches.balances("balances").forEach(each -> all.merge(each.charge(), each.nanos(), Math::max));
            }
            BalanceSums sums = new BalanceSums();
            all.forEach(sums::add);
            // What they have more than before is in no row here.
            BalanceSums more = new BalanceSums();
            all.forEach(more::add);
            batches.balances("balances").forEach(each -> more.add(each.charge(), -each.nanos()));
            batches.empty("balances");
            writes.add(sums);
            writes.add(SqliteWrites.CORRECTIONS, more);
            for (Map.Entry<String, Long> each : snapshot.origins().entrySet()) {
                if (each.getValue()
                        > here.getOrDefault(each.getKey(), Extent.NONE).number()) {
                    batches.skipTo(each.getKey(), each.getValue());
                }
            }
            return known;
        });
    }

    /** What batches add that the others do not have; whether all of these are still kept. */
    private boolean onlyHere(Map<String, Extent> here, Map<String, Long> there, BalanceSums only) throws SQLException {
        boolean kept = true;
        for (Map.Entry<String, Extent> each : here.entrySet()) {
            long next = there.getOrDefault(each.getKey(), 0L) + 1;
            if (next <= each.getValue().number()) {
                kept &= next >= each.getValue().since();
                batches.from(each.getKey(), next, batch -> {
                    BatchBody.sums(batch.body()).sums().forEach(only::add);
                    return false;
                });
            }
        }
        return kept;
    }

    /** Found out first, and then written: the store is not kept from others for looking. */
    @Override
    public boolean cut() {
        long last = work.reading(() -> batches.cuttable(CUT_AT_ONCE, kept));
        return last > 0
                && work.writing(() -> {
                            batches.begin();
                            return batches.cutTo(last);
                        })
                        >= CUT_AT_ONCE;
    }

    @Override
    public @Nullable Balance balance(Holder holder) {
        List<Balance> found = new ArrayList<>(1);
        work.read(() -> {
            Balance balance = batches.balance(holder);
            if (balance != null) {
                found.add(balance);
            }
        });
        return found.isEmpty() ? null : found.getFirst();
    }

    @Override
    public void close() {
        work.close();
    }
}
