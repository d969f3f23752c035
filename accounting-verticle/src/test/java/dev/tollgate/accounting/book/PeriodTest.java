package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeriodTest {

    @ParameterizedTest
    @CsvSource({
        "30s, UTC, 2026-03-01T10:00:44Z, 2026-03-01T10:00:30Z, 2026-03-01T10:01:00Z",
        "15m, UTC, 2026-03-01T10:44:59Z, 2026-03-01T10:30:00Z, 2026-03-01T10:45:00Z",
        "1h, Europe/Berlin, 2026-03-01T10:44:59Z, 2026-03-01T10:00:00Z, 2026-03-01T11:00:00Z",
        "12h, Europe/Berlin, 2026-07-01T09:00:00Z, 2026-06-30T22:00:00Z, 2026-07-01T10:00:00Z",
        "1d, UTC, 2026-02-28T23:59:59Z, 2026-02-28T00:00:00Z, 2026-03-01T00:00:00Z",
        "1d, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "1d, Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "7d, UTC, 2026-11-21T12:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
        "1w, UTC, 2026-11-16T00:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
        "30d, UTC, 2026-01-31T12:00:00Z, 2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z",
        "1mo, America/New_York, 2026-03-01T04:59:59Z, 2026-02-01T05:00:00Z, 2026-03-01T05:00:00Z",
        "1mo, UTC, 2024-02-29T12:00:00Z, 2024-02-01T00:00:00Z, 2024-03-01T00:00:00Z",
        "3mo, UTC, 2026-12-31T23:59:59Z, 2026-10-01T00:00:00Z, 2027-01-01T00:00:00Z",
        "2d, UTC, 1970-01-02T12:00:00Z, 1970-01-01T00:00:00Z, 1970-01-03T00:00:00Z",
    })
    void endsWhereTheCalendarSays(String text, String zone, Instant now, Instant start, Instant end) {
        Period period = Period.parse(text).orElseThrow();
        assertThat(period.start(now, ZoneId.of(zone))).isEqualTo(start);
        assertThat(period.end(now, ZoneId.of(zone))).isEqualTo(end);
    }

    @ParameterizedTest
    @ValueSource(strings = {"30s", "7m", "1h", "2h", "5h", "12h", "1d", "2d", "7d", "10d", "30d", "1mo", "5mo"})
    void oneFollowsTheOtherWithoutAGapThroughSummerTime(String text) {
        Period period = Period.parse(text).orElseThrow();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (String zone :
                new String[] {"UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
            ZoneId here = ZoneId.of(zone);
            for (int i = 0; i < 300; i++) {
                // Weeks around the two changes of clocks, and any other time.
                Instant base = Instant.parse(
                        i % 3 == 0
                                ? "2026-03-29T00:00:00Z"
                                : i % 3 == 1 ? "2026-10-25T00:00:00Z" : "2018-02-18T00:00:00Z");
                Instant now = base.plus(Duration.ofSeconds(random.nextLong(-600_000, 600_000)));
                Instant start = period.start(now, here);
                Instant end = period.end(now, here);
                assertThat(start)
                        .as("seed %d, %s at %s in %s", seed, text, now, zone)
                        .isBeforeOrEqualTo(now);
                assertThat(end)
                        .as("seed %d, %s at %s in %s", seed, text, now, zone)
                        .isAfter(now);
                assertThat(period.start(end, here))
                        .as("seed %d, %s at %s in %s", seed, text, now, zone)
                        .isEqualTo(end);
                assertThat(period.start(end.minusNanos(1), here))
                        .as("seed %d, %s at %s in %s", seed, text, now, zone)
                        .isEqualTo(start);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0d", "-1d", "1y", "d", "1.5h", "30", "9999999d"})
    void whatIsNoPeriodIsNone(String text) {
        assertThat(Period.parse(text)).isEmpty();
    }

    @Test
    void thirtyDaysAreAMonthAsInLiteLlm() {
        assertThat(Period.parse("30d")).isEqualTo(Period.parse("1mo"));
    }
}
