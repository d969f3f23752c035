package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Tally;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a batch's rows add to balances, summed up here first: the store changes one row of {@code balances} for each holder, period and
 * batch. Also what every store is asked about that table.
 */
final class BalanceSums {
    /** Balances removed at once. */
    static final int FORGET_AT_ONCE = 500;

    private final Map<Charge, Long> sums = new HashMap<>();
    private Tally rows = new Tally();

    /** Counts a row that was not stored before. */
    void add(SpendRow row) {
        if (row.costNanos() != 0) {
            rows.add(row.charges(), row.costNanos());
        }
    }

    void add(Charge charge, long nanos) {
        sums.merge(stored(charge), nanos, Long::sum);
    }

    /** PostgreSQL takes no NUL in a text. */
    static Charge stored(Charge charge) {
        Holder holder = charge.holder();
        return holder.id().indexOf('\0') < 0
                ? charge
                : new Charge(new Holder(holder.kind(), holder.id().replace('\0', '\uFFFD')), charge.periodMillis());
    }

    Map<Charge, Long> sums() {
        Tally tally = rows;
        rows = new Tally();
        tally.forEach((charge, nanos) -> add(charge.asBalance(), nanos));
        return sums;
    }

    /** Asks for each holder's last period; {@code key} is the column that tells holders of a kind from each other. */
    static String latestQuestion(Sql sql, String key) {
        String table = sql.table("balances");
        return "SELECT kind, id, period_millis, spend_nanos FROM " + table + " b WHERE NOT EXISTS (SELECT 1 FROM "
                + newer(table, key) + ")";
    }

    /** Asks for one holder's last period; its parameters are the kind and the key. */
    static String latestOfQuestion(Sql sql, String key) {
        return "SELECT kind, id, period_millis, spend_nanos FROM " + sql.table("balances") + " WHERE kind = "
                + sql.parameter(1) + " AND " + key + " = " + sql.parameter(2) + " ORDER BY period_millis DESC LIMIT 1";
    }

    /** Asks for some balances that are neither of a holder's last period nor of the one before. */
    static String oldQuestion(Sql sql, String key) {
        String table = sql.table("balances");
        return "SELECT kind, " + key + ", period_millis FROM " + table + " b WHERE (SELECT COUNT(*) FROM "
                + newer(table, key) + ") >= 2 LIMIT " + FORGET_AT_ONCE;
    }

    private static String newer(String table, String key) {
        return table + " n WHERE n.kind = b.kind AND n." + key + " = b." + key
                + " AND n.period_millis > b.period_millis";
    }

    /** Removes one of them from the table; its parameters are those that {@link #oldQuestion} gives. */
    static String forget(Sql sql, String table, String key) {
        return "DELETE FROM " + sql.table(table) + " WHERE kind = " + sql.parameter(1) + " AND " + key + " = "
                + sql.parameter(2) + " AND period_millis = " + sql.parameter(3);
    }

    /** Balances on their way from the store; those of kinds that a later release added are left out. */
    static final class Answer {
        private final List<Balance> balances = new ArrayList<>();

        void add(Columns row) {
            Optional<Kind> kind = Kind.named(row.textOrEmpty("kind"));
            kind.ifPresent(known -> balances.add(new Balance(
                    new Charge(new Holder(known, row.textOrEmpty("id")), row.whole("period_millis")),
                    row.whole("spend_nanos"))));
        }

        List<Balance> balances() {
            return balances;
        }

        @Nullable Balance first() {
            return balances.isEmpty() ? null : balances.getFirst();
        }
    }
}
