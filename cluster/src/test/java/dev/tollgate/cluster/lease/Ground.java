package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Mesh;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Nodes whose calls spend one total, a store that learns of it a little later, and the truth. */
final class Ground {
    static final Timing TIMING = new Timing(
            Duration.ofMillis(300),
            Duration.ofMillis(5),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofMillis(30),
            Duration.ofMillis(400),
            Duration.ofMillis(150),
            Duration.ofMillis(330),
            Duration.ofMillis(150),
            Duration.ofMillis(1_500));
    static final Meter MONEY = new Meter(Meter.Use.SPENT, "key");

    private final Vertx vertx;
    private final long total;
    private final Random random;
    private final @Nullable Arbiter arbiter;
    final Mesh mesh = new Mesh();
    final Map<String, Spender> spenders = new ConcurrentHashMap<>();
    final AtomicLong spent = new AtomicLong();
    final AtomicLong stored = new AtomicLong();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    /** Callers rest while this much is spent, so that something is left of the total however slow the machine is. */
    volatile long ceiling = Long.MAX_VALUE;

    /** How often the store was asked. */
    final AtomicLong asked = new AtomicLong();

    /** The store does not answer. */
    volatile boolean storeAway;

    /** What happens while it is asked. */
    volatile Runnable asking = () -> {};

    /** Nodes that begin from now on have a store each, all of them with the same in it. */
    boolean storesApart;

    /** Of nodes that begin from now on. */
    LongSupplier nanos = System::nanoTime;

    Ground(Vertx vertx, long total, long seed) {
        this(vertx, total, seed, null);
    }

    Ground(Vertx vertx, long total, long seed, @Nullable Arbiter arbiter) {
        this.vertx = vertx;
        this.arbiter = arbiter;
        this.total = total;
        this.random = new Random(seed);
    }

    synchronized int draw(int bound) {
        return random.nextInt(bound);
    }

    Spender node(String id) {
        return node(id, List.of());
    }

    /** One that was started anew. */
    Spender node(String id, List<String> before) {
        Spender node = new Spender(id, before);
        spenders.put(id, node);
        node.leases.start();
        return node;
    }

    /** Without a word; what it has written down is stored by somebody else. */
    void kill(String id) {
        Spender node = spenders.remove(id);
        if (node != null) {
            node.dead = true;
            mesh.leave(id);
            vertx.setTimer(50, _ -> node.deliver());
        }
    }

    /** In good order: its calls end first. */
    void leave(String id) {
        Spender node = spenders.remove(id);
        if (node != null) {
            node.done = true;
            vertx.setTimer(
                    20,
                    _ -> node.leases.leave().onComplete(_ -> {
                        mesh.leave(id);
                        node.deliver();
                        node.dead = true;
                    }));
        }
    }

    /** One node with some callers. */
    final class Spender implements Ends, Share {
        private final String id;
        final Leases leases;
        volatile boolean dead;
        volatile boolean done;

        /** What it spends is not stored: it stays on its disk. */
        volatile boolean keeps;

        volatile int idle;
        private long granted;
        private long own;
        private long reserved;
        private long settled;
        private long delivered;
        private long elsewhere;
        private volatile Outcome.@Nullable Verdict verdict;
        private final boolean oneStore = !storesApart;

        final Queue<Long> roundTrips = new ConcurrentLinkedQueue<>();

        Spender(String id, List<String> before) {
            this.id = id;
            this.leases = new Leases(
                    vertx, mesh.join(id), this, new Leases.Cut(false, arbiter, before), TIMING, nanos, roundTrips::add);
            vertx.setPeriodic(20, timer -> {
                if (dead) {
                    vertx.cancelTimer(timer);
                } else {
                    deliver();
                }
            });
        }

        String id() {
            return id;
        }

        Outcome.@Nullable Verdict verdict() {
            return verdict;
        }

        synchronized long free() {
            return Math.max(0, granted - own - reserved);
        }

        /** Before there was a total. */
        synchronized void spentBefore(long nanos) {
            own += nanos;
            settled += nanos;
            spent.addAndGet(nanos);
        }

        private synchronized void deliver() {
            if (!keeps) {
                bring();
            }
        }

        /** What is on its disk is stored, by itself or by the run after it. */
        synchronized void bring() {
            stored.addAndGet(settled - delivered);
            delivered = settled;
        }

        @Override
        public @Nullable Share find(Meter meter) {
            return meter.equals(MONEY) ? this : null;
        }

        @Override
        public Future<Long> stored(Meter meter) {
            asked.incrementAndGet();
            asking.run();
            return storeAway ? Future.failedFuture("it is away") : Future.succeededFuture(stored.get());
        }

        @Override
        public boolean oneStore() {
            return oneStore;
        }

        @Override
        public synchronized State state() {
            return new State(granted, own + reserved, reserved > 0);
        }

        @Override
        public synchronized void grow(long by) {
            granted += by;
        }

        @Override
        public synchronized State shrink() {
            granted = Math.min(granted, own + reserved);
            return state();
        }

        @Override
        public synchronized Opening open() {
            long known = elsewhere + own;
            elsewhere += own;
            granted = Math.max(0, granted - own);
            own = 0;
            return new Opening(state(), settled, delivered, known);
        }

        private synchronized boolean take(long nanos) {
            if (granted - own - reserved < nanos) {
                return false;
            }
            reserved += nanos;
            return true;
        }

        private synchronized long missing(long nanos) {
            return nanos - (granted - own - reserved);
        }

        private void settle(long held, long cost) {
            synchronized (this) {
                reserved -= held;
                own += cost;
                settled += cost;
            }
            long all = spent.addAndGet(cost);
            if (all > total) {
                wrong.add(id + " made it " + all);
            }
        }

        /** What others have spent. */
        synchronized void hears(Outcome outcome) {
            if (outcome.elsewhere() >= 0) {
                elsewhere = outcome.elsewhere();
            }
        }

        /** So many callers, until nothing is left. */
        void run(int callers, int most) {
            for (int i = 0; i < callers; i++) {
                call(1 + draw(most), most);
            }
        }

        private void call(long worst, int most) {
            if (dead || done) {
                return;
            }
            if (spent.get() >= ceiling) {
                vertx.setTimer(5, _ -> call(worst, most));
                return;
            }
            if (take(worst)) {
                vertx.setTimer(1 + draw(5), _ -> {
                    if (!dead) {
                        settle(worst, worst - draw((int) worst));
                        call(1 + draw(most), most);
                    }
                });
                return;
            }
            leases.more(MONEY, missing(worst), Long.MAX_VALUE, total).onSuccess(outcome -> {
                verdict = outcome.verdict();
                hears(outcome);
                switch (outcome.verdict()) {
                    case ENOUGH -> call(worst, most);
                    case LATER -> vertx.setTimer(5, _ -> call(worst, most));
                    case UNKNOWN -> vertx.setTimer(20, _ -> call(worst, most));
                    case NO_MORE -> {
                        if (worst > 1) {
                            call(Math.max(1, worst / 2), most);
                        } else {
                            idle++;
                        }
                    }
                }
            });
        }
    }
}
