package dev.tollgate.accounting.desk;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Dollars of the API as nano-dollars of the accounts. */
final class Usd {
    /** A billion dollars: what is spent after that must still fit a long, and a column of a store. */
    private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000_000_000_000L);

    private Usd() {}

    /** Of a JSON number; more than a billion dollars is a billion. */
    static long nanos(Number usd) {
        BigDecimal exact = new BigDecimal(usd.toString()).movePointRight(9).setScale(0, RoundingMode.HALF_UP);
        return exact.min(MOST).longValue();
    }
}
