package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.ledger.TwinLedger.Batch;
import io.vertx.core.buffer.Buffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What this run adds to the embedded store, in batches for the other nodes of its cluster. On a node that stands alone it is nothing;
 * only if that node was one of a cluster before, the sums are kept, which are a batch when it is so again.
 */
final class OwnBatches {
    /** What the store held when its node became one of a cluster; also what this is known by. */
    static final String HELD = "held";

    /** Amounts in one batch: letters must not become too long. */
    private static final int AMOUNTS_AT_ONCE = 1_000;

    private static final int EXPIRED_AT_ONCE = 200;
    private static final String ALONE = "spend_alone";

    private final SqliteBatches batches;
    private final SqliteWrites writes;

    /** Made anew at each start, so that what a copy of the file adds, or an older one, is never taken for what this one does. */
    private final String origin = UUID.randomUUID().toString();

    private Standing standing;
    private long number;
    private long committed;

    private enum Standing {
        NEVER_TOGETHER,
        ALONE,
        TOGETHER
    }

    OwnBatches(SqliteBatches batches, SqliteWrites writes) throws SQLException {
        this.batches = batches;
        this.writes = writes;
        this.standing = batches.name(HELD) == null ? Standing.NEVER_TOGETHER : Standing.ALONE;
    }

    String origin() {
        return origin;
    }

    /** How many batches of this run are stored. */
    long number() {
        return committed;
    }

    /** Whether it is to be told of rows that are new. */
    boolean listens() {
        return standing != Standing.NEVER_TOGETHER;
    }

    boolean together() {
        return standing == Standing.TOGETHER;
    }

    void committed() {
        committed = number;
    }

    void forget() {
        number = committed;
    }

    /** The node is one of a cluster: what its store has that no other node has is batches, too. */
    void begin(long nowMillis) throws SQLException {
        batches.begin();
        if (standing == Standing.NEVER_TOGETHER) {
            String held = batches.name("id") + '.' + UUID.randomUUID();
            batches.name(HELD, held);
            long last = 0;
            for (BalanceSums sums : parts(batches.balances("balances"))) {
                batches.keep(new Batch(held, ++last, BatchBody.held(sums)), nowMillis);
            }
        } else {
            for (BalanceSums sums : parts(batches.balances(ALONE))) {
                next(BatchBody.byHand(sums), nowMillis);
            }
            batches.empty(ALONE);
        }
        standing = Standing.TOGETHER;
    }

    private static List<BalanceSums> parts(List<Balance> balances) {
        List<BalanceSums> parts = new ArrayList<>();
        for (int at = 0; at < balances.size(); at += AMOUNTS_AT_ONCE) {
            BalanceSums sums = new BalanceSums();
            balances.subList(at, Math.min(balances.size(), at + AMOUNTS_AT_ONCE))
                    .forEach(each -> sums.add(each.charge(), each.nanos()));
            parts.add(sums);
        }
        return parts;
    }

    /** Rows that were not in the store before. */
    void rows(List<SpendRow> fresh, long nowMillis) throws SQLException {
        if (fresh.isEmpty()) {
            return;
        }
        if (together()) {
            next(BatchBody.rows(fresh), nowMillis);
        } else if (listens()) {
            BalanceSums sums = new BalanceSums();
            fresh.forEach(sums::add);
            writes.add(ALONE, sums);
        }
    }

    /** By so much balances were changed otherwise. */
    void amounts(BalanceSums sums, long nowMillis) throws SQLException {
        if (together()) {
            List<Balance> all = new ArrayList<>();
            sums.sums().forEach((charge, nanos) -> all.add(new Balance(charge, nanos)));
            for (BalanceSums part : parts(all)) {
                next(BatchBody.byHand(part), nowMillis);
            }
        } else if (listens()) {
            writes.add(ALONE, sums);
        }
    }

    /** Of periods (kind, id, beginning) that count nowhere any more. */
    void forgetOld(List<Object[]> periods) throws SQLException {
        writes.run("DELETE FROM " + ALONE + " WHERE kind = ? AND id = ? AND period_millis = ?", periods);
    }

    /** Deletes some of those that were added before rows may have been deleted; false: there are no more. */
    boolean expire() throws SQLException {
        long last = batches.cuttable(EXPIRED_AT_ONCE, Long.MAX_VALUE);
        return last > 0 && batches.cutTo(last) == EXPIRED_AT_ONCE;
    }

    private void next(Buffer body, long nowMillis) throws SQLException {
        batches.keep(new Batch(origin, ++number, body), nowMillis);
    }
}
