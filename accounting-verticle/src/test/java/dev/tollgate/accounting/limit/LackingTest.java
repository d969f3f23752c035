package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.cluster.lease.Meter;
import dev.tollgate.cluster.lease.Outcome;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Budgets of which other nodes have the rest. */
class LackingTest {
    private static final Limits BUDGET = AdmissionsTest.budget(1_000);

    private final Vertx vertx = Vertx.vertx();
    private volatile boolean standing = true;
    private volatile Outcome.Verdict verdict = Outcome.Verdict.LATER;

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private final class Answering implements Dividing {
        private final Holder holder;

        Answering(Holder holder) {
            this.holder = holder;
        }

        @Override
        public void more(Meter meter, long need, long total, Consumer<Outcome> answered) {
            vertx.setTimer(2, _ -> answered.accept(new Outcome(verdict, 0)));
        }

        @Override
        public void soon(long millis, Runnable again) {
            vertx.setTimer(millis, _ -> again.run());
        }

        @Override
        public long millis() {
            return System.currentTimeMillis();
        }

        @Override
        public boolean stands() {
            return standing;
        }

        @Override
        public Holder holder() {
            return holder;
        }
    }

    private static Party party(String id) {
        return new Party(new Holder(Kind.TEAM, id), "team", id, BUDGET, true);
    }

    /** Once each wake-up asked for one more of each budget, and a waiting call brought its node down. */
    @Test
    void whoWaitsForSeveralBudgetsIsWokenOnceEachTime() throws Exception {
        Counters counters = new Counters();
        counters.divided(Answering::new);
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch enough = new CountDownLatch(20);
        Context context = vertx.getOrCreateContext();
        Lacking[] lacking = new Lacking[1];
        Runnable attempt = () -> {
            attempts.incrementAndGet();
            enough.countDown();
            lacking[0].ask(_ -> 500, Instant.now(), ZoneOffset.UTC);
        };
        lacking[0] = new Lacking(List.of(party("one"), party("two"), party("three")), counters, context, attempt);
        long began = System.nanoTime();
        context.runOnContext(_ -> attempt.run());
        assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
        int made = attempts.get();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        // Each round takes two milliseconds or forty; twice as many each time would be twenty within a few of them.
        assertThat(made).isLessThan((int) (20 + millis / 2));
        assertThat(millis).isGreaterThan(200);
    }

    @Test
    void whatWasGrantedIsNotUsedByANodeThatOthersMayTakeForLost() {
        verdict = Outcome.Verdict.UNKNOWN;
        Counters counters = new Counters();
        counters.divided(Answering::new);
        Holder team = party("one").holder();
        Purse purse = counters.purse(team);
        Instant now = Instant.now();
        assertThat(purse.lack(10, BUDGET, now, ZoneOffset.UTC, () -> {})).isEqualTo(Purse.Lack.WAIT);
        counters.share(Meters.money(team, 0)).grow(1_000);
        assertThat(purse.take(10, BUDGET, now, ZoneOffset.UTC, null)).isEqualTo(Purse.Taken.YES);
        Portion requests = counters.window(team).portion(Quantity.REQUESTS);
        assertThat(requests).isNotNull();
        requests.room(1, 100);
        requests.grow(100);
        assertThat(requests.room(1, 100)).isEqualTo(Portion.Room.ENOUGH);
        standing = false;
        assertThat(purse.take(10, BUDGET, now, ZoneOffset.UTC, null)).isNotEqualTo(Purse.Taken.YES);
        assertThat(requests.room(1, 100)).isNotEqualTo(Portion.Room.ENOUGH);
    }
}
