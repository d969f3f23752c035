package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Holder;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node's own ledger has in common with those of the other nodes of its cluster, which have one each. What is added to one is a
 * batch in its transaction, and every ledger adds each batch once; what a balance is does not depend on the order. See decision 0016.
 * Blocking: one for each thread that uses it.
 */
public interface TwinLedger extends AutoCloseable {

    /**
     * What was added at once.
     *
     * @param origin where it was added first: a run of a node, or what a store held before
     * @param number of that origin's batches, from 1 without a gap
     * @param body rows or amounts
     */
    record Batch(String origin, long number, Buffer body) {}

    /**
     * Batches that are lacked somewhere.
     *
     * @param batches of each origin the next ones, in order
     * @param more there are more of them
     * @param cut some are not kept here any more, so there are no batches in this: balances must be taken over first
     */
    record Lacking(List<Batch> batches, boolean more, boolean cut) {}

    /**
     * All balances at one moment.
     *
     * @param origins which batches are in them
     */
    record Snapshot(Map<String, Long> origins, List<Balance> balances) {}

    /**
     * What adding came to.
     *
     * @param origins how many batches of each origin are in this ledger now
     * @param byHand the last balances of holders whose balances batches have set by hand
     */
    record Added(Map<String, Long> origins, List<Balance> byHand) {}

    /** How many batches of each origin are in this ledger. */
    Map<String, Long> origins();

    /** Some of what whoever has so many batches of each origin lacks; at least one batch, if there is any and none is cut. */
    Lacking lacking(Map<String, Long> known, int mostBytes);

    /** Adds those that are the next of their origins, all or nothing. */
    Added add(List<Batch> batches, long nowMillis);

    /** All balances. */
    Snapshot snapshot();

    /**
     * Takes over another ledger's balances, with what only this one has. Where that is not known any more in single batches, a balance
     * is the greater of both. Answers whether it was known.
     */
    boolean restore(Snapshot snapshot);

    /** Deletes some of the batches that need not be kept; false: there are no more. */
    boolean cut();

    /** What one holder spent in the period that began last, or null: nothing ever. */
    @Nullable Balance balance(Holder holder);

    @Override
    void close();
}
