package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoadTest {
    private final Load load = new Load();

    @Test
    void countsAttemptsUnderWayAndNeverBelowZero() {
        load.began(0);
        load.began(0);
        load.ended();
        assertThat(load.inFlight()).isEqualTo(1);
        load.ended();
        load.ended();
        assertThat(load.inFlight()).isZero();
    }

    @Test
    void countsRequestsAndTokensByTheMinuteOfTheClock() {
        load.began(59_999);
        load.succeeded(59_999);
        load.used(59_999, 7);
        assertThat(load.begunThisMinute(59_999)).isEqualTo(1);
        assertThat(load.succeededThisMinute(59_999)).isEqualTo(1);
        assertThat(load.tokensThisMinute(59_999)).isEqualTo(7);
        assertThat(load.begunThisMinute(60_000)).isZero();
        assertThat(load.succeededThisMinute(60_000)).isZero();
        assertThat(load.tokensThisMinute(60_000)).isZero();
        assertThat(load.inFlight()).as("still under way").isEqualTo(1);
    }

    @Test
    void keepsTheLatestMeasurements() {
        Samples samples = new Samples();
        assertThat(samples.mean(0)).isNaN();
        for (int i = 1; i <= 30; i++) {
            samples.add(i, i, 20);
        }
        assertThat(samples.mean(0)).as("11 to 30").isEqualTo(20.5);
        assertThat(samples.mean(29)).as("29 and 30").isEqualTo(29.5);
        samples.add(40, 40, 2);
        assertThat(samples.mean(0)).as("30 and 40").isEqualTo(35);
    }

    @Test
    void whatOthersMeasuredIsPutInTheOrderOfTime() {
        Samples samples = new Samples();
        samples.add(1, 100, 3);
        samples.add(2, 300, 3);
        samples.merge(new Samples.Taken(new double[] {6}, new long[] {200}), 3);
        assertThat(samples.mean(0)).isEqualTo(3);
        assertThat(samples.mean(201)).isEqualTo(2);
        samples.merge(new Samples.Taken(new double[] {9}, new long[] {50}), 3);
        assertThat(samples.mean(0)).as("older than all that are kept").isEqualTo(3);
        samples.merge(new Samples.Taken(new double[] {4}, new long[] {250}), 3);
        assertThat(samples.mean(0)).isEqualTo(4);
    }
}
