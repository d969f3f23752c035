package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.config.GeneralSettings.Retention;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HousekeepingTest {
    @TempDir
    Path data;

    private Instant now = Instant.parse("2026-01-31T12:00:00Z");

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private static SpendRow row(String id, String time) {
        return Calls.row(id, "k", "u", "m", Instant.parse(time).toEpochMilli(), 1);
    }

    @Test
    void rowsGoWhenTheirDaysAreOverAndAgainAfterTheInterval() {
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            ledger.store(
                    List.of(
                            row("a", "2026-01-28T23:59:59Z"),
                            row("b", "2026-01-29T00:00:00Z"),
                            row("c", "2026-01-31T00:00:00Z")),
                    "file",
                    1);
            Housekeeping housekeeping = new Housekeeping(clock);
            housekeeping.step(ledger);
            assertThat(ledger.logs(Map.of())).as("kept for ever").hasSize(3);
            housekeeping.retain(new Retention(Duration.ofDays(2), Duration.ofHours(20)));
            housekeeping.step(ledger);
            assertThat(ledger.logs(Map.of())).hasSize(2);
            now = now.plus(Duration.ofHours(19));
            housekeeping.step(ledger);
            assertThat(ledger.logs(Map.of()))
                    .as("its day is over, but the interval is not")
                    .hasSize(2);
            now = now.plus(Duration.ofHours(1));
            housekeeping.step(ledger);
            assertThat(ledger.logs(Map.of())).hasSize(1);
            housekeeping.retain(null);
            now = now.plus(Duration.ofDays(100));
            housekeeping.step(ledger);
            assertThat(ledger.logs(Map.of())).hasSize(1);
        }
    }

    @Test
    void howeverShortRowsAreKeptThoseOfTheLastHourAreTaken() {
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            now = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofMinutes(10));
            SpendRow ending = row("a", now.minus(Duration.ofMinutes(11)).toString());
            Housekeeping housekeeping = new Housekeeping(clock);
            housekeeping.retain(new Retention(Duration.ofMinutes(5), Duration.ofHours(1)));
            housekeeping.step(ledger);
            ledger.store(List.of(ending), "file", 1);
            assertThat(ledger.refused()).isZero();
            now = now.plus(Duration.ofHours(1));
            housekeeping.step(ledger);
            assertThat(ledger.logs(Map.of())).as("its day is over for an hour").isEmpty();
        }
    }

    @Test
    void balancesOfPeriodsThatAreLongOverGo() {
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            for (int period = 0; period < 3; period++) {
                ledger.adjust(new Charge(Holder.ALL, period), 1);
            }
            Housekeeping housekeeping = new Housekeeping(clock);
            housekeeping.step(ledger);
            now = now.plus(Duration.ofHours(1));
            housekeeping.step(ledger);
            assertThat(ledger.forgetOldBalances()).isFalse();
            ledger.adjust(new Charge(Holder.ALL, 0), 10);
            assertThat(ledger.balances()).hasSize(1);
        }
    }
}
