package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.lease.Leases;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proof that a budget holds, over real event loops. */
class ParallelCallersTest {
    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void end() {
        VERTX.close();
    }

    /** Two lanes, 200 callers, one key with five cents: the proof, each seed another order of events. */
    @Test
    @Timeout(120)
    void twoHundredCallersNeverSpendMoreThanTheBudgetAndAlmostAllOfIt() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("Seeds from " + seed);
        for (int round = 0; round < 100; round++) {
            race(seed + round, 0);
        }
    }

    /** The same on three nodes that divide the budget, with a store that learns of spend a little later. */
    @Test
    @Timeout(120)
    void nodesThatDivideABudgetSpendNoMoreOfItTogetherAndAlmostAll() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("Seeds from " + seed);
        for (int round = 0; round < 10; round++) {
            Mesh mesh = new Mesh();
            AtomicLong stored = new AtomicLong();
            List<Counters> nodes = new ArrayList<>();
            for (String id : List.of("a", "b", "c")) {
                Counters counters = new Counters();
                NodeShares shares = new NodeShares(counters, _ -> Future.succeededFuture(stored.get()));
                Leases leases = new Leases(VERTX, mesh.join(id), shares, Leases.Cut.CLOSED, _ -> {});
                shares.divide(leases, VERTX, InstantSource.system());
                leases.start();
                nodes.add(counters);
            }
            race(seed + round, round % 2 == 0 ? 0 : 3, nodes, stored);
        }
    }

    /** Attempts that time out are paid by an estimate, and the next one may cost all that its call had set aside. */
    @Test
    @Timeout(120)
    void callsWhoseAttemptsTimeOutKeepTheBudgetToo() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("Seeds from " + seed);
        for (int round = 0; round < 50; round++) {
            race(seed + round, 3);
        }
    }

    /** {@code failing}: every so many-th attempt brings no answer; 0: none. */
    private static void race(long seed, int failing) throws InterruptedException {
        Counters counters = new Counters();
        race(seed, failing, List.of(counters, counters), new AtomicLong());
    }

    /** {@code lanes}: the counters of each. */
    private static void race(long seed, int failing, List<Counters> lanes, AtomicLong stored)
            throws InterruptedException {
        long budget = 50_000_000;
        Gate accounts = new Gate();
        lanes.forEach(counters -> counters.load(List.of()));
        accounts.keys.put("hash", AdmissionsTest.annasKey(AdmissionsTest.budget(budget)));
        AtomicLong spent = new AtomicLong();
        AtomicInteger answered = new AtomicInteger();
        CountDownLatch callers = new CountDownLatch(200);
        for (int lane = 0; lane < lanes.size(); lane++) {
            Counters counters = lanes.get(lane);
            Random random = new Random(seed * 31 + lane);
            int number = lane;
            Deployable verticle = context -> {
                Admissions admissions = new Admissions(
                        context,
                        accounts,
                        counters,
                        new Prices(LIST),
                        AdmissionsTest.CONFIG,
                        InstantSource.system(),
                        _ -> {},
                        _ -> Future.succeededFuture(30L));
                for (int caller = number; caller < 200; caller += lanes.size()) {
                    new Caller200(context, admissions, random, number + "-" + caller, spent, answered, callers, failing)
                            .storing((charges, nanos) -> {
                                stored.addAndGet(nanos);
                                charges.forEach(charge -> counters.delivered(charge, nanos));
                            })
                            .again();
                }
                return Future.succeededFuture();
            };
            VERTX.deployVerticle(verticle);
        }
        assertThat(callers.await(60, TimeUnit.SECONDS))
                .as("seed %d: everybody got an answer", seed)
                .isTrue();
        assertThat(spent.get()).as("seed %d: spent", seed).isLessThanOrEqualTo(budget);
        assertThat(spent.get())
                .as("seed %d: spent in %d calls", seed, answered.get())
                .isGreaterThanOrEqualTo(budget * 98 / 100);
        Holder key = new Holder(Kind.KEY, "hash");
        if (lanes.getFirst().equals(lanes.getLast())) {
            assertThat(lanes.getFirst().purse(key).left(AdmissionsTest.budget(budget), Instant.now(), ZoneOffset.UTC))
                    .as("seed %d: nothing stays set aside", seed)
                    .isEqualTo(budget - spent.get());
        } else {
            assertThat(lanes)
                    .as("seed %d: nothing stays set aside", seed)
                    .allSatisfy(counters -> assertThat(counters.share(Meters.money(key, 0)))
                            .satisfies(share -> assertThat(
                                            share == null || !share.state().busy())
                                    .isTrue()));
        }
    }

    private static final PriceList LIST = PriceList.load();

    /** One of them: calls until the budget is spent. Its upstream takes some turns of the loop and uses what it likes. */
    private static final class Caller200 {
        private final Context context;
        private final Admissions admissions;
        private final Random random;
        private final String name;
        private final AtomicLong spent;
        private final AtomicInteger answered;
        private final CountDownLatch callers;
        private final int failing;
        private BiConsumer<List<Charge>, Long> storing = (_, _) -> {};
        private int made;

        Caller200(
                Context context,
                Admissions admissions,
                Random random,
                String name,
                AtomicLong spent,
                AtomicInteger answered,
                CountDownLatch callers,
                int failing) {
            this.failing = failing;
            this.context = context;
            this.admissions = admissions;
            this.random = random;
            this.name = name;
            this.spent = spent;
            this.answered = answered;
            this.callers = callers;
        }

        /** Hears a little later of whom a call was charged to. */
        Caller200 storing(BiConsumer<List<Charge>, Long> hearing) {
            storing = hearing;
            return this;
        }

        void again() {
            int asked = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(200);
            Call call = AdmissionsTest.call(name + "-" + made++, "chat", asked, null);
            admissions.admit(call).onComplete(decided -> {
                if (decided.result() instanceof Admission.Granted granted) {
                    int most = granted.cap() != null ? granted.cap().maxTokens() : asked > 0 ? asked : 16_384;
                    turns(1 + random.nextInt(5), () -> attempted(call, most, List.of()));
                } else {
                    callers.countDown();
                }
            });
        }

        private void turns(int left, Runnable then) {
            context.runOnContext(_ -> {
                if (left <= 1) {
                    then.run();
                } else {
                    turns(left - 1, then);
                }
            });
        }

        private void attempted(Call call, int most, List<Leg> owed) {
            if (failing == 0 || random.nextInt(failing) != 0) {
                over(call, Usage.of(10 + random.nextInt(21), random.nextInt(Math.min(most, 300) + 1)), owed);
                return;
            }
            List<Leg> more = new ArrayList<>(owed);
            more.add(new Leg(
                    "one",
                    "gpt-4o",
                    null,
                    Usage.estimated(call.body().length()).withAnswer(random.nextInt(Math.min(most, 300) * 4)),
                    false));
            admissions
                    .more(
                            new Hold(call, "one", "gpt-4o", true, more, null),
                            leg -> AdmissionsTest.cost(leg.usage()),
                            () -> Future.succeededFuture(Held.YES))
                    .onComplete(held -> {
                        Held.Over refused = held.result().over();
                        Admission.Cap cap = held.result().cap();
                        if (refused == null) {
                            int next = cap == null ? most : cap.maxTokens();
                            turns(1 + random.nextInt(5), () -> attempted(call, next, more));
                        } else {
                            over(call, Usage.NONE, more);
                        }
                    });
        }

        private void over(Call call, Usage usage, List<Leg> owed) {
            if (owed.isEmpty() && random.nextInt(10) == 0) {
                admissions.release(call.id());
            } else {
                long cost = AdmissionsTest.cost(usage)
                        + owed.stream()
                                .mapToLong(leg -> AdmissionsTest.cost(leg.usage()))
                                .sum();
                spent.addAndGet(cost);
                answered.incrementAndGet();
                List<Charge> charges = admissions
                        .settle(AdmissionsTest.settlement(call, usage), cost, _ -> 0)
                        .last();
                turns(1 + random.nextInt(50), () -> storing.accept(charges, cost));
            }
            again();
        }
    }
}
