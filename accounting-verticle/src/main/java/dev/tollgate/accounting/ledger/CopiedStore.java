package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.ledger.TwinLedger.Batch;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that another store held the same when its node became one of the cluster, because one data folder is a copy of the other: what
 * was spent before counts once. Of all copies the one with the least name counts, and each later one takes back what was counted
 * before it, so that in the end each balance is the greatest that any of them held.
 */
final class CopiedStore {
    private static final Logger LOG = LoggerFactory.getLogger(CopiedStore.class);

    private final SqliteBatches batches;
    private final SqliteWrites writes;
    private boolean said;

    CopiedStore(SqliteBatches batches, SqliteWrites writes) {
        this.batches = batches;
        this.writes = writes;
    }

    /** Another store held this; it is a batch here already. {@code origins}: how many batches of each origin are here. */
    void met(Batch batch, Map<String, Long> origins, long nowMillis) throws SQLException {
        String held = batches.name(OwnBatches.HELD);
        String folder = batches.name("id") + '.';
        if (held == null || !batch.origin().startsWith(folder) || batch.origin().compareTo(held) >= 0) {
            return;
        }
        Map<Charge, Long> mine = new HashMap<>();
        Map<Charge, Long> before = new HashMap<>();
        for (Batch each : batches.ofOrigins(folder)) {
            boolean same = each.origin().equals(batch.origin()) && each.number() == batch.number();
            if (BatchBody.isHeld(each.body()) && !same && each.origin().compareTo(held) <= 0) {
                Map<Charge, Long> to = each.origin().equals(held) ? mine : before;
                BatchBody.sums(each.body()).sums().forEach((charge, nanos) -> to.merge(charge, nanos, Math::max));
            }
        }
        BalanceSums back = new BalanceSums();
        BatchBody.sums(batch.body()).sums().forEach((charge, theirs) -> {
            long own = Math.max(0, mine.getOrDefault(charge, 0L));
            long counted = Math.max(0, before.getOrDefault(charge, 0L));
            long twice = Math.min(own, Math.max(counted, theirs)) - Math.min(own, counted);
            if (twice > 0) {
                back.add(charge, -twice);
            }
        });
        if (!back.sums().isEmpty()) {
            writes.correct(back);
            long next = origins.merge(held, 1L, Long::sum);
            batches.keep(new Batch(held, next, BatchBody.byHand(back)), nowMillis);
            say();
        }
    }

    private void say() {
        if (!said) {
            said = true;
            LOG.warn(
                    "This node's data folder and another node's are copies of one: what had been spent before counts once. Give a new"
                            + " node an empty folder");
        }
    }
}
