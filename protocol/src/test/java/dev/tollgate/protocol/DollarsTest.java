package dev.tollgate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DollarsTest {
    private static void check(long nanos) {
        assertThat(Dollars.text(nanos))
                .isEqualTo(
                        nanos == 0
                                ? "0"
                                : BigDecimal.valueOf(nanos, 9)
                                        .stripTrailingZeros()
                                        .toPlainString());
    }

    @Test
    void amountsAreWrittenAsPlainDecimals() {
        assertThat(Dollars.text(125_000)).isEqualTo("0.000125");
        for (long nanos :
                new long[] {0, 1, -1, 10, 999_999_999, 1_000_000_000, -1_500_000_000, Long.MAX_VALUE, Long.MIN_VALUE}) {
            check(nanos);
        }
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            check(random.nextLong() >> random.nextInt(64));
        }
    }
}
