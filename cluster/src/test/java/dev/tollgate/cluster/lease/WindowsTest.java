package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.Mesh;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests of a window that slides, on several nodes. */
class WindowsTest {
    private static final Meter METER = new Meter(Meter.Use.WINDOW, "key");
    private static final long WINDOW_NANOS = Duration.ofMillis(300).toNanos();
    private static final int LIMIT = 60;

    private final Vertx vertx = Vertx.vertx();
    private final Mesh mesh = new Mesh();
    private final List<Long> admitted = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    private final class Counting implements Ends, Share {
        private final Deque<Long> counted = new ArrayDeque<>();
        private final Leases leases;
        private long granted;
        private volatile boolean stopped;

        Counting(String id) {
            leases =
                    new Leases(vertx, mesh.join(id), this, Leases.Cut.CLOSED, Ground.TIMING, System::nanoTime, _ -> {});
            leases.start();
        }

        @Override
        public @Nullable Share find(Meter meter) {
            return this;
        }

        @Override
        public Future<Long> stored(Meter meter) {
            return Future.failedFuture("Nothing is stored of windows");
        }

        private int used() {
            long now = System.nanoTime();
            while (!counted.isEmpty() && now - counted.getFirst() > WINDOW_NANOS) {
                counted.removeFirst();
            }
            return counted.size();
        }

        @Override
        public synchronized State state() {
            return new State(granted, used(), false);
        }

        @Override
        public synchronized void grow(long by) {
            granted += by;
        }

        @Override
        public synchronized State shrink() {
            granted = Math.min(granted, used());
            return state();
        }

        @Override
        public Opening open() {
            return Opening.NOTHING;
        }

        private synchronized boolean take() {
            if (used() >= granted) {
                return false;
            }
            // One clock for all: what counts is when it was let in.
            synchronized (admitted) {
                long now = System.nanoTime();
                counted.addLast(now);
                admitted.add(now);
            }
            return true;
        }

        void call() {
            if (stopped) {
                return;
            }
            if (take()) {
                vertx.setTimer(1, _ -> call());
            } else {
                leases.more(METER, 1, Long.MAX_VALUE, LIMIT)
                        .onSuccess(outcome ->
                                vertx.setTimer(outcome.verdict() == Outcome.Verdict.ENOUGH ? 1 : 10, _ -> call()));
            }
        }
    }

    private int mostInAWindow() {
        synchronized (admitted) {
            int most = 0;
            int from = 0;
            for (int to = 0; to < admitted.size(); to++) {
                while (admitted.get(to) - admitted.get(from) > WINDOW_NANOS) {
                    from++;
                }
                most = Math.max(most, to - from + 1);
            }
            return most;
        }
    }

    private int count() {
        synchronized (admitted) {
            return admitted.size();
        }
    }

    @Test
    void inNoWindowMoreIsLetInByAllNodesThanTheLimitAlsoWhenOneIsLost() {
        Counting first = new Counting("a");
        Counting second = new Counting("b");
        Counting third = new Counting("c");
        List<Counting> all = List.of(first, second, third);
        all.forEach(each -> {
            each.call();
            each.call();
        });
        await().atMost(Duration.ofSeconds(60)).until(() -> count() >= 6 * LIMIT);
        second.stopped = true;
        mesh.leave("b");
        // What the lost node had is let in again only after its own windows are over.
        await().atMost(Duration.ofSeconds(60)).until(() -> count() >= 14 * LIMIT);
        all.forEach(each -> each.stopped = true);
        assertThat(mostInAWindow()).isBetween(LIMIT * 9 / 10, LIMIT);
    }
}
