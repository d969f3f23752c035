package dev.tollgate.accounting.desk;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Dollars of the API as nano-dollars of the accounts. */
final class Usd {
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private Usd() {}

    /** Of a JSON number; what is more than can be counted is as much as can. */
    static long nanos(Number usd) {
        BigDecimal exact = new BigDecimal(usd.toString()).movePointRight(9).setScale(0, RoundingMode.HALF_UP);
        return exact.min(MOST).longValue();
    }
}
