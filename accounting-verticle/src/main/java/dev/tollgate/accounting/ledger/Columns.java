package dev.tollgate.accounting.ledger;

import org.jspecify.annotations.Nullable;

/** One row of an answer, from whichever store; its values are those of that store's driver. */
@FunctionalInterface
interface Columns {
    @Nullable Object get(String column);

    default @Nullable String text(String column) {
        Object value = get(column);
        return value == null ? null : value.toString();
    }

    /** The text, or an empty one for none. */
    default String textOrEmpty(String column) {
        String text = text(column);
        return text == null ? "" : text;
    }

    default long whole(String column) {
        return get(column) instanceof Number number ? number.longValue() : 0;
    }

    /** Truth as a store has it: a boolean, or a number that is not 0. */
    default boolean flag(String column) {
        Object value = get(column);
        return value instanceof Boolean flag ? flag : value instanceof Number number && number.intValue() != 0;
    }
}
