package dev.tollgate.accounting.price;

import java.math.BigDecimal;

/** Amounts as clients see them. */
public final class Money {
    private Money() {}

    /** Nano-dollars as dollars, exactly. */
    public static BigDecimal dollars(long nanos) {
        return BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
    }
}
