package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Which rows may be stored where old ones are deleted: whoever brings a row that is that old, from a disk that was away for long
 * perhaps, may bring one that was stored and deleted, and it would count twice. Such rows are refused, and counted.
 */
final class Kept {
    /** No row is deleted that is younger, so most batches need not ask how old those are that were. */
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private long inTransaction;
    private long refused;

    /** Those of these that are not too old; {@code horizon} asks the store before when rows may have been deleted. */
    <T> Collection<T> of(Collection<T> all, Function<T, SpendRow> row, LongSupplier horizon) {
        inTransaction = 0;
        long young = System.currentTimeMillis() - YOUNG.toMillis();
        if (all.stream().allMatch(each -> row.apply(each).startedAtMillis() >= young)) {
            return all;
        }
        long from = horizon.getAsLong();
        List<T> kept = all.stream()
                .filter(each -> row.apply(each).startedAtMillis() >= from)
                .toList();
        inTransaction = (long) all.size() - kept.size();
        return kept;
    }

    /** The transaction holds. */
    void committed() {
        refused += inTransaction;
        inTransaction = 0;
    }

    long refused() {
        return refused;
    }
}
