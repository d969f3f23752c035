package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The order that {@code sort_by} and {@code sort_order} ask for. Without the first a list stays as it is; what has nothing there comes
 * last.
 *
 * @param by the field, or null
 * @param ascending whether the smallest comes first
 */
record Order(@Nullable String by, boolean ascending) {

    /** That of a request, by one of these fields; {@code usual} is the order where none is said. */
    static Order of(Asked asked, List<String> fields, String usual) throws Refusal {
        String by = asked.parameter("sort_by");
        if (by != null && !fields.contains(by)) {
            throw Refusal.bad("Invalid sort column. Must be one of: " + String.join(", ", fields), "sort_by");
        }
        String given = asked.parameter("sort_order");
        String order = given == null ? usual : given.toLowerCase(Locale.ROOT);
        if (!order.equals("asc") && !order.equals("desc")) {
            throw Refusal.bad("Invalid sort order. Must be 'asc' or 'desc'", "sort_order");
        }
        return new Order(by, order.equals("asc"));
    }

    /** Puts entries in this order. {@code holder}: under whose name an entry's spend is kept. */
    void sort(List<Entry> entries, Balances balances, Function<Entry, Holder> holder) {
        if (by == null) {
            return;
        }
        switch (by) {
            case "spend" -> {
                Map<String, Long> spent = new HashMap<>();
                entries.forEach(entry -> spent.put(entry.id(), balances.spentNanos(holder.apply(entry))));
                sort(entries, entry -> spent.get(entry.id()));
            }
            case "max_budget" -> sort(entries, entry -> amount(entry.document().getValue(by)));
            case "token" -> sort(entries, Entry::id);
            default -> sort(entries, entry -> text(entry.document().getValue(by)));
        }
    }

    private static @Nullable BigDecimal amount(@Nullable Object value) {
        return value instanceof Number number ? new BigDecimal(number.toString()) : null;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private <T extends Comparable<? super T>> void sort(List<Entry> entries, Function<Entry, @Nullable T> value) {
        Comparator<T> order = ascending ? Comparator.naturalOrder() : Comparator.reverseOrder();
        entries.sort(Comparator.comparing(value, Comparator.nullsLast(order)).thenComparing(Entry::id));
    }
}
