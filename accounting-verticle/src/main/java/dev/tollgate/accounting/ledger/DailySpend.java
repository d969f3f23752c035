package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Sums of a batch's rows, by UTC day and by who called what. Summed up here first, so that the store changes one row of
 * {@code spend_daily} for each group and batch; a look-up by two numbers a row is all that costs.
 */
final class DailySpend {
    static final long DAY_MILLIS = 86_400_000;

    private final Map<Cell, Cell.Sum> cells = new HashMap<>();

    /**
     * A row of {@code spend_daily} is known by these; none is an empty text.
     *
     * @param day days since 1970, UTC
     */
    record Group(long day, String apiKey, String user, String team, String modelGroup, String model, String provider) {

        byte[] digest() {
            return Digest.of(Arrays.asList(apiKey, user, team, modelGroup, model, provider), "");
        }

        LocalDate date() {
            return LocalDate.ofEpochDay(day);
        }
    }

    /** What is summed up. */
    record Sums(long requests, long failed, long promptTokens, long completionTokens, long nanos) {
        Sums plus(Sums more) {
            return new Sums(
                    requests + more.requests,
                    failed + more.failed,
                    promptTokens + more.promptTokens,
                    completionTokens + more.completionTokens,
                    nanos + more.nanos);
        }
    }

    private record Cell(long context, long day) {
        private static final class Sum {
            private final Context context;
            private long requests;
            private long promptTokens;
            private long completionTokens;
            private long nanos;

            Sum(Context context) {
                this.context = context;
            }
        }
    }

    /** Counts a row that was not stored before; an earlier part of a call is no request of its own. */
    void add(SpendRow row, Context context, long contextId) {
        long day = Math.floorDiv(row.startedAtMillis(), DAY_MILLIS);
        Cell.Sum sum = cells.computeIfAbsent(new Cell(contextId, day), _ -> new Cell.Sum(context));
        sum.requests += row.partOf() == null ? 1 : 0;
        sum.promptTokens += row.usage().prompt();
        sum.completionTokens += row.usage().completion();
        sum.nanos += row.costNanos();
    }

    /** Several contexts may belong to one group. */
    Map<Group, Sums> groups() {
        Map<Group, Sums> groups = new HashMap<>();
        cells.forEach((cell, sum) -> groups.merge(
                sum.context.group(cell.day()),
                new Sums(
                        sum.requests,
                        sum.context.failed() ? sum.requests : 0,
                        sum.promptTokens,
                        sum.completionTokens,
                        sum.nanos),
                Sums::plus));
        return groups;
    }
}
