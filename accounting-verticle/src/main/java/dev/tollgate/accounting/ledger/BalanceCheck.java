package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Sums the rows up once more and compares with present balances: each is what its holder's rows cost that ended in its period, and the
 * corrections. All is to be read in one transaction.
 *
 * <p>A call counts for the period in which it was settled, which no row says. One that ended within a minute of a period's beginning may
 * count for it or not; so may one that an earlier release stored beside this one, and an earlier part of a call, which was settled
 * with the last one, and of one of several attempts only a part. With such calls there is a least and a most that the balance may be, and it is wrong when it is outside of them. So it is where a budget
 * that never began anew was given a period in the file: until the next start calls counted as before.
 */
final class BalanceCheck {
    /** How long after its end a call is settled at most, and how long setting an amount by hand takes. */
    private static final long SLACK_MILLIS = 60_000;

    /** No call takes longer. */
    private static final long LONGEST_CALL_MILLIS = 86_400_000;

    /** A release that does not write down whom a call counts for may have begun it before, and stored it after, the table was made. */
    private static final long EARLIER_MILLIS = 3_600_000;

    private final Sql sql;
    private final String key;
    private final SortedMap<Long, Map<Holder, Range>> periods = new TreeMap<>();
    private final Map<Charge, Long> balances = new HashMap<>();
    private final Set<Charge> corrected = new HashSet<>();
    private long written;
    private int rowsGone;

    /** {@code key} is the column that tells holders of a kind from each other. */
    BalanceCheck(Sql sql, String key) {
        this.sql = sql;
        this.key = key;
    }

    /** Asks the store something; {@code rows} hears of each row. */
    @FunctionalInterface
    interface Asking<E extends Exception> {
        void ask(String question, Consumer<Columns> rows) throws E;
    }

    private static final class Range {
        private long least;
        private long most;

        private void add(long surely, long perhaps) {
            least += surely;
            most += perhaps;
        }
    }

    /** {@code horizon}: when rows may have been deleted before, in milliseconds since 1970. */
    <E extends Exception> void read(long horizon, Asking<E> asking) throws E {
        BalanceSums.Answer latest = new BalanceSums.Answer();
        asking.ask(BalanceSums.latestQuestion(sql, key), latest::add);
        for (Balance balance : latest.balances()) {
            Charge charge = balance.charge();
            // Rows are deleted by when calls began, and count by when they ended.
            if (horizon > 0 && charge.periodMillis() - SLACK_MILLIS - LONGEST_CALL_MILLIS < horizon) {
                rowsGone++;
            } else {
                balances.put(charge, balance.nanos());
                periods.computeIfAbsent(charge.periodMillis(), _ -> new HashMap<>())
                        .put(charge.holder(), new Range());
            }
        }
        BalanceSums.Answer corrections = new BalanceSums.Answer();
        asking.ask(
                "SELECT kind, id, period_millis, spend_nanos FROM " + sql.table("balance_corrections"),
                corrections::add);
        corrections.balances().forEach(this::correct);
        BalanceSums.Answer endless = new BalanceSums.Answer();
        asking.ask(
                "SELECT kind, id, period_millis, spend_nanos FROM " + sql.table("balances")
                        + " WHERE period_millis = 0",
                endless::add);
        endless.balances().forEach(this::excuse);
        asking.ask(
                "SELECT payers FROM " + sql.table("spend_payers") + " WHERE context = 0",
                row -> written = Long.parseLong(row.textOrEmpty("payers")));
        for (long period : periods.keySet()) {
            asking.ask(question(period), row -> count(row, periods.getOrDefault(period, Map.of())));
        }
    }

    private void correct(Balance correction) {
        corrected.add(correction.charge());
        Range range = periods.getOrDefault(correction.charge().periodMillis(), Map.of())
                .get(correction.charge().holder());
        if (range != null) {
            range.add(correction.nanos(), correction.nanos());
        }
    }

    /** A period that was begun by hand has a correction, if only of 0. */
    private void excuse(Balance endless) {
        Holder holder = endless.charge().holder();
        periods.tailMap(1L).forEach((period, holders) -> {
            Range range = holders.get(holder);
            if (range != null && !corrected.contains(new Charge(holder, period))) {
                range.add(-endless.nanos(), 0);
            }
        });
    }

    /** What calls cost, by context: those that surely count for this period, those that may, and the latter since contexts say for whom. */
    private String question(long period) {
        String ended = "start_millis + duration_ms >= ";
        boolean ever = period == 0;
        String surely =
                ever ? "spend_nanos" : "CASE WHEN " + ended + (period + SLACK_MILLIS) + " THEN spend_nanos ELSE 0 END";
        String where = ever
                ? ""
                : " WHERE start_millis >= " + (period - SLACK_MILLIS - LONGEST_CALL_MILLIS)
                        + " AND (part_of IS NOT NULL OR " + ended + (period - SLACK_MILLIS) + ")";
        return "SELECT t.sure_nanos, t.all_nanos, t.late_nanos, p.payers FROM (SELECT context, SUM(" + surely
                + ") AS sure_nanos, SUM(spend_nanos) AS all_nanos, SUM(CASE WHEN start_millis >= "
                + (written - EARLIER_MILLIS) + " THEN spend_nanos ELSE 0 END) AS late_nanos FROM "
                + sql.table("spend") + where + " GROUP BY context) t LEFT JOIN " + sql.table("spend_payers")
                + " p ON p.context = t.context";
    }

    private static void count(Columns row, Map<Holder, Range> holders) {
        String text = row.text("payers");
        if (text == null) {
            long perhaps = row.whole("late_nanos");
            holders.values().forEach(range -> range.add(0, perhaps));
            return;
        }
        ChargedTo chargedTo = ChargedTo.of(text);
        chargedTo.whole().forEach(holder -> add(holders, holder, row.whole("sure_nanos"), row.whole("all_nanos")));
        chargedTo.part().forEach(holder -> add(holders, holder, 0, row.whole("all_nanos")));
    }

    private static void add(Map<Holder, Range> holders, Holder holder, long surely, long perhaps) {
        Range range = holders.get(holder);
        if (range != null) {
            range.add(surely, perhaps);
        }
    }

    /** One line a balance that is not what its rows come to, in order of periods. */
    List<String> differences() {
        List<String> lines = new ArrayList<>();
        periods.forEach((period, holders) -> holders.entrySet().stream()
                .sorted(Comparator.comparing(each -> each.getKey().toString()))
                .forEach(each -> {
                    long is = balances.getOrDefault(new Charge(each.getKey(), period), 0L);
                    Range range = each.getValue();
                    if (is < range.least || is > range.most) {
                        lines.add(line(each.getKey(), period, is, range));
                    }
                }));
        return lines;
    }

    private static String line(Holder holder, long period, long is, Range range) {
        String since = period == 0 ? "ever" : "since " + Instant.ofEpochMilli(period);
        String rows = range.least == range.most ? "" + range.least : range.least + " to " + range.most;
        return "balance of " + holder.kind().storedName() + " " + holder.id().replace('\n', '/') + ", " + since
                + ": balances has " + is + " nano-dollars, the rows come to " + rows;
    }

    /** What was not compared, or not to the nano-dollar. */
    List<String> remarks() {
        List<String> lines = new ArrayList<>();
        if (rowsGone > 0) {
            lines.add(rowsGone + " balances are not compared: rows that count for them may be deleted");
        }
        long within = periods.values().stream()
                .flatMap(holders -> holders.values().stream())
                .filter(range -> range.least != range.most)
                .count();
        if (within > 0) {
            lines.add(
                    within
                            + " balances are compared within bounds: some calls ended within a minute of the beginning of the"
                            + " period, count in part, were stored by an earlier release, or came before the budget began anew at all");
        }
        return lines;
    }
}
