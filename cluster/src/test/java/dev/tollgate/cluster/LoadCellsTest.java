package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.FailureKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoadCellsTest {

    @Test
    void whatManyLanesWriteAtOnceAddsUp() throws InterruptedException {
        NodeLoads node = new NodeLoads(4);
        List<Thread> writers = new ArrayList<>();
        AtomicBoolean impossible = new AtomicBoolean();
        for (int lane = 0; lane < 4; lane++) {
            Load load = node.of("a", lane);
            writers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 50_000; i++) {
                    load.began(1);
                    load.used(1, 3);
                    if (load.inFlight() < 1 || load.tokensThisMinute(1) > 600_000) {
                        impossible.set(true);
                    }
                    load.ended();
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join(30_000);
        }
        Load reader = node.of("a", 0);
        assertThat(impossible).isFalse();
        assertThat(reader.begunThisMinute(1)).isEqualTo(200_000);
        assertThat(reader.tokensThisMinute(1)).isEqualTo(600_000);
        assertThat(reader.inFlight()).isZero();
        assertThat(node.of("b", 1).inFlight()).isZero();
    }

    @Test
    void failuresThatManyLanesCountAtOnceAddUpByKind() throws InterruptedException {
        NodeLoads node = new NodeLoads(4);
        List<Thread> lanes = new ArrayList<>();
        for (int lane = 0; lane < 4; lane++) {
            Load load = node.of("a", lane);
            FailureKind kind = lane % 2 == 0 ? FailureKind.TIMEOUT : FailureKind.CONNECTION;
            lanes.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 20_000; i++) {
                    load.answered(1);
                    load.failed(kind, 1);
                }
            }));
        }
        for (Thread lane : lanes) {
            lane.join(60_000);
        }
        Load reader = node.of("a", 0);
        assertThat(reader.judgedThisMinute(1)).isEqualTo(160_000);
        assertThat(reader.failedThisMinute(1)).isEqualTo(80_000);
        assertThat(reader.failedThisMinute(FailureKind.TIMEOUT, 1)).isEqualTo(40_000);
        assertThat(reader.failedThisMinute(60_000)).as("the next minute").isZero();
        reader.judgeAnew();
        assertThat(reader.judgedThisMinute(1) + reader.failedThisMinute(FailureKind.TIMEOUT, 1))
                .isZero();
    }

    @Test
    void oneOfManyLanesMayTry() throws InterruptedException {
        NodeLoads node = new NodeLoads(4);
        AtomicInteger trying = new AtomicInteger();
        List<Thread> lanes = new ArrayList<>();
        for (int lane = 0; lane < 4; lane++) {
            Load load = node.of("a", lane);
            lanes.add(Thread.ofPlatform().start(() -> {
                for (int trial = 0; trial < 10_000; trial++) {
                    if (load.tries(trial, trial + 1)) {
                        trying.incrementAndGet();
                    }
                    while (load.triedUntil() <= trial) {
                        Thread.onSpinWait();
                    }
                }
            }));
        }
        for (Thread lane : lanes) {
            lane.join(60_000);
        }
        assertThat(trying).hasValue(10_000);
    }

    @Test
    void whoReadTheClockBeforeTheMinuteTurnedTakesNothingFromTheNewOne() {
        LoadCells cells = new LoadCells();
        cells.used(119_999, 4);
        cells.used(120_000, 2);
        cells.used(119_999, 1);
        assertThat(cells.tokens(120_000)).isEqualTo(3);
        assertThat(cells.tokens(119_999)).as("a clock that was set back").isEqualTo(3);
        cells.used(400_000, 5);
        assertThat(cells.tokens(400_000)).isEqualTo(5);
    }

    @Test
    void aCountNeverRunsIntoTheMinuteBesideIt() {
        LoadCells cells = new LoadCells();
        cells.used(0, Long.MAX_VALUE / 2);
        assertThat(cells.tokens(0)).isEqualTo((1L << 40) - 1);
        assertThat(cells.tokens(60_000)).isZero();
    }
}
