package dev.tollgate.accounting.price;

import java.math.BigDecimal;

/** Amounts as clients see them, exact. Numbers of JSON are written as LiteLLM's are: {@code 10.0}, and not {@code 10} or {@code 1E+1}. */
public final class Money {
    private Money() {}

    /** Nano-dollars as dollars. */
    public static BigDecimal dollars(long nanos) {
        return shown(BigDecimal.valueOf(nanos, 9));
    }

    /** The same within a sentence: {@code 10}. */
    public static String text(long nanos) {
        return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
    }

    /** Dollars that somebody wrote in a way of their own. */
    public static BigDecimal shown(BigDecimal dollars) {
        BigDecimal shortest = dollars.stripTrailingZeros();
        return shortest.scale() < 1 ? shortest.setScale(1) : shortest;
    }
}
