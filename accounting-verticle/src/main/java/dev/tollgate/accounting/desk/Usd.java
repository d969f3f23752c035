package dev.tollgate.accounting.desk;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Dollars of the API and nano-dollars of the accounts. */
final class Usd {
    private static final BigDecimal ZERO = new BigDecimal("0.0");
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private Usd() {}

    /** As a JSON number, exact. */
    static BigDecimal of(long nanos) {
        if (nanos == 0) {
            return ZERO;
        }
        BigDecimal usd = BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
        return usd.scale() < 1 ? usd.setScale(1) : usd;
    }

    /** Of a JSON number; what is more than can be counted is as much as can. */
    static long nanos(Number usd) {
        BigDecimal exact = new BigDecimal(usd.toString()).movePointRight(9).setScale(0, RoundingMode.HALF_UP);
        return exact.min(MOST).longValue();
    }
}
