package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PurseTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Limits DAILY = limits("1d", 1_000);
    private static final Limits FOREVER = new Limits(1_000, -1, null, -1, -1, -1, Map.of());

    private final Purse purse = new Purse();

    private static Limits limits(String period, long nanos) {
        return new Limits(nanos, -1, Period.parse(period).orElseThrow(), -1, -1, -1, Map.of());
    }

    private Purse.Taken take(long nanos) {
        return purse.take(nanos, FOREVER, NOON, ZoneOffset.UTC, null);
    }

    @Test
    void neverSetsAsideMoreThanIsLeft() {
        assertThat(take(600)).isEqualTo(Purse.Taken.YES);
        assertThat(take(401)).isEqualTo(Purse.Taken.LATER);
        assertThat(take(400)).isEqualTo(Purse.Taken.YES);
        purse.settle(600, 100, FOREVER, NOON, ZoneOffset.UTC);
        assertThat(purse.left(FOREVER, NOON, ZoneOffset.UTC)).isEqualTo(500);
        purse.settle(400, 400, FOREVER, NOON, ZoneOffset.UTC);
        assertThat(take(501)).isEqualTo(Purse.Taken.NO);
    }

    @Test
    void beginsAnewWithItsPeriodAndKeepsWhatIsUnderWay() {
        purse.take(300, DAILY, NOON, ZoneOffset.UTC, null);
        purse.settle(0, 600, DAILY, NOON, ZoneOffset.UTC);
        Instant tomorrow = Instant.parse("2026-11-22T00:00:00Z");
        assertThat(purse.spent(DAILY, tomorrow.minusMillis(1), ZoneOffset.UTC)).isEqualTo(600);
        assertThat(purse.spent(DAILY, tomorrow, ZoneOffset.UTC)).isZero();
        assertThat(purse.left(DAILY, tomorrow, ZoneOffset.UTC)).isEqualTo(700);
        assertThat(purse.settle(300, 200, DAILY, tomorrow, ZoneOffset.UTC)).isEqualTo(tomorrow.toEpochMilli());
        assertThat(purse.left(DAILY, tomorrow, ZoneOffset.UTC)).isEqualTo(800);
    }

    @Test
    void whatWasStoredCountsOnlyInItsOwnPeriod() {
        purse.restore(Instant.parse("2026-11-21T00:00:00Z").toEpochMilli(), 250);
        assertThat(purse.spent(DAILY, NOON, ZoneOffset.UTC)).isEqualTo(250);
        Purse old = new Purse();
        old.restore(Instant.parse("2026-11-20T00:00:00Z").toEpochMilli(), 250);
        assertThat(old.spent(DAILY, NOON, ZoneOffset.UTC)).isZero();
        Purse reset = new Purse();
        reset.restore(Instant.parse("2026-11-21T11:00:00Z").toEpochMilli(), 250);
        assertThat(reset.spent(DAILY, NOON, ZoneOffset.UTC))
                .as("reset by hand at eleven")
                .isEqualTo(250);
        assertThat(reset.settle(0, 1, DAILY, NOON, ZoneOffset.UTC))
                .isEqualTo(Instant.parse("2026-11-21T11:00:00Z").toEpochMilli());
    }

    @Test
    void anotherPeriodKeepsWhatWasSpentUntilItEnds() {
        purse.settle(0, 600, FOREVER, NOON, ZoneOffset.UTC);
        assertThat(purse.spent(DAILY, NOON, ZoneOffset.UTC)).isEqualTo(600);
        assertThat(purse.spent(DAILY, NOON.plusSeconds(43_200), ZoneOffset.UTC)).isZero();
    }

    @Test
    void whoWaitsIsWokenInTurnAndNobodyOvertakes() {
        List<String> woken = new ArrayList<>();
        Purse.Waiter first = () -> woken.add("first");
        Purse.Waiter second = () -> woken.add("second");
        take(1_000);
        assertThat(purse.await(first, 2)).isEqualTo(Purse.Place.IN_LINE);
        assertThat(purse.await(second, 2)).isEqualTo(Purse.Place.IN_LINE);
        assertThat(purse.await(() -> {}, 2)).isEqualTo(Purse.Place.FULL);
        purse.settle(1_000, 100, FOREVER, NOON, ZoneOffset.UTC);
        assertThat(woken).containsExactly("first");
        assertThat(take(10)).as("a newcomer").isEqualTo(Purse.Taken.LATER);
        assertThat(purse.take(10, FOREVER, NOON, ZoneOffset.UTC, second)).isEqualTo(Purse.Taken.LATER);
        assertThat(purse.take(10, FOREVER, NOON, ZoneOffset.UTC, first)).isEqualTo(Purse.Taken.YES);
        purse.leave(first);
        assertThat(woken).containsExactly("first", "second");
    }

    @Test
    void thereIsNoLineWhenNothingIsUnderWay() {
        assertThat(purse.await(() -> {}, 10)).isEqualTo(Purse.Place.NOTHING_TO_WAIT_FOR);
    }
}
