package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoneyTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "1000000000, 1.0",
        "10000000000, 10.0",
        "2000000000000000, 2000000.0",
        "1500000, 0.0015",
        "10000000001, 10.000000001",
        "-20000000000, -20.0",
    })
    void anAmountIsAPlainNumber(long nanos, String written) {
        assertThat(new JsonObject().put("spend", Money.dollars(nanos)).encode())
                .isEqualTo("{\"spend\":" + written + "}");
        assertThat(Money.text(nanos))
                .isEqualTo(written.endsWith(".0") ? written.substring(0, written.length() - 2) : written);
    }

    @ParameterizedTest
    @CsvSource({"10, 10.0", "1e1, 10.0", "10.50, 10.5", "0.00, 0.0"})
    void soIsOneThatWasWrittenAnotherWay(BigDecimal dollars, String shown) {
        assertThat(Money.shown(dollars)).hasToString(shown);
    }
}
