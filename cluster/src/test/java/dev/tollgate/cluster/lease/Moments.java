package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that see others come and go each at its own moment, and whose letters arrive in the order that a test names, on one event loop
 * and by a clock that stands still. Nobody's spend reaches the store.
 */
final class Moments {
    static final long TOTAL = 10_000;

    /** Nothing happens by itself but that what failed is sent again. */
    private static final Timing TIMING = new Timing(
            Duration.ofHours(1),
            Duration.ofMillis(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1));

    /** So long what nodes held that are gone is nobody else's. */
    static final Duration LINGERS = TIMING.standing().plus(TIMING.margin());

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context context = vertx.getOrCreateContext();
    private final AtomicLong nanos = new AtomicLong();

    /** Nodes that begin from now on have a store each. */
    boolean storesApart;

    /** Oldest first; those that were killed, too. */
    final Map<String, Node> nodes = new LinkedHashMap<>();

    /** Letters that are under way. */
    final List<Sent> post = new CopyOnWriteArrayList<>();

    /** Those that are not answered yet. */
    private final List<Sent> arrived = new CopyOnWriteArrayList<>();

    record Sent(String from, String to, Letter letter, Promise<Letter> answer) {
        boolean is(String sender, String receiver, String topic) {
            return from.equals(sender) && to.equals(receiver) && letter.topic().equals(topic);
        }
    }

    /** A total of this use whose owner is as wanted wherever these nodes divide it. */
    static Meter meter(Meter.Use use, Predicate<Meter> wanted) {
        return IntStream.range(0, 100_000)
                .mapToObj(i -> new Meter(use, "total" + i))
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    static String owner(Meter meter, String... ids) {
        return View.of(List.of(ids)).owner(meter);
    }

    static @Nullable String second(Meter meter, String... ids) {
        return View.of(List.of(ids)).second(meter);
    }

    /** One that sees nobody yet, not even itself. */
    Node node(String id) throws Exception {
        Node node = new Node(id);
        nodes.put(id, node);
        node.leases.start();
        idle();
        return node;
    }

    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    /** What the event loop has begun has ended, and what failed was sent again. */
    private void idle() throws Exception {
        turns();
        Promise<Void> later = Promise.promise();
        context.runOnContext(_ -> vertx.setTimer(TIMING.retry().toMillis(), _ -> later.complete()));
        later.future().await(10, TimeUnit.SECONDS);
        turns();
    }

    private void turns() throws Exception {
        for (int i = 0; i < 8; i++) {
            Promise<Void> done = Promise.promise();
            context.runOnContext(_ -> done.complete());
            done.future().await(10, TimeUnit.SECONDS);
        }
    }

    /** It arrives, or is refused where nobody is any more. */
    void deliver(Sent sent) throws Exception {
        post.remove(sent);
        Node to = nodes.get(sent.to());
        if (to.dead) {
            sent.answer().fail("nobody is there");
        } else {
            arrived.add(sent);
            to.handlers.get(sent.letter().topic()).apply(sent.letter()).onComplete(answer -> {
                arrived.remove(sent);
                if (answer.succeeded()) {
                    sent.answer().tryComplete(answer.result());
                } else {
                    sent.answer().tryFail(answer.cause());
                }
            });
        }
        idle();
    }

    /** All that are under way from there to there now. */
    void deliver(String from, String to) throws Exception {
        for (Sent each : post) {
            if (each.from().equals(from) && each.to().equals(to)) {
                deliver(each);
            }
        }
    }

    /** Until none is under way any more. */
    void deliverAll() throws Exception {
        deliverAllBut(_ -> false);
    }

    /** Until only such are under way any more. */
    void deliverAllBut(Predicate<Sent> late) throws Exception {
        for (int letters = 0; ; letters++) {
            Sent next =
                    post.stream().filter(each -> !late.test(each)).findFirst().orElse(null);
            if (next == null) {
                return;
            }
            if (letters > 5_000) {
                throw new AssertionError("They never end: " + post);
            }
            deliver(next);
        }
    }

    /** The clock goes on by so much at once. */
    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** All of these see each other now, one after the other, and have told each other everything. */
    void allSee(String... ids) throws Exception {
        for (String id : ids) {
            nodes.get(id).sees(ids);
        }
        deliverAll();
    }

    /** What was given away of a total: what was used by nodes that are there, or were, and what they may use still. */
    long given(Meter meter) {
        return shares(meter).values().stream().mapToLong(Long::longValue).sum();
    }

    /** The same of each node. */
    Map<String, Long> shares(Meter meter) {
        Map<String, Long> shares = new LinkedHashMap<>();
        nodes.forEach((id, node) -> shares.put(
                id, node.shares.containsKey(meter) ? node.share(meter).given() : 0));
        return shares;
    }

    /** A node, and whom it sees. */
    final class Node implements Peers, Ends {
        final String id;
        final Leases leases;
        private final Map<Meter, Part> shares = new ConcurrentHashMap<>();
        private final Map<String, Function<Letter, Future<Letter>>> handlers = new HashMap<>();
        private final List<Runnable> changed = new ArrayList<>();
        private volatile List<String> seen = List.of();
        private final boolean oneStore = !storesApart;
        private volatile boolean dead;

        private Node(String id) {
            this.id = id;
            this.leases = new Leases(vertx, this, this, Leases.Cut.CLOSED, TIMING, nanos::get, _ -> {});
        }

        Part share(Meter meter) {
            return shares.computeIfAbsent(meter, _ -> new Part(() -> dead));
        }

        void sees(String... ids) throws Exception {
            seen = List.of(ids);
            changed.forEach(Runnable::run);
            idle();
        }

        /** Without a word. Letters from it that are under way may arrive. */
        void kill() throws Exception {
            dead = true;
            arrived.stream()
                    .filter(each -> each.to().equals(id))
                    .forEach(each -> each.answer().tryFail("nobody is there any more"));
            idle();
        }

        boolean isDead() {
            return dead;
        }

        /** It asks for so much more. */
        Future<Outcome> asks(Meter meter, long need) throws Exception {
            share(meter);
            Future<Outcome> more = leases.more(meter, need, need, TOTAL);
            idle();
            return more;
        }

        /** The same, and waits for the answer. */
        Outcome.Verdict gets(Meter meter, long need) throws Exception {
            Future<Outcome> more = asks(meter, need);
            deliverAll();
            return more.await(10, TimeUnit.SECONDS).verdict();
        }

        @Override
        public State state() {
            return State.JOINED;
        }

        @Override
        public String self() {
            return id;
        }

        @Override
        public List<Peer> all() {
            return seen.stream()
                    .map(each -> new Peer(each, each, EnumSet.allOf(Role.class), "test"))
                    .toList();
        }

        @Override
        public List<Peer> listening() {
            return all();
        }

        @Override
        public void onChange(Runnable run) {
            changed.add(run);
        }

        @Override
        public void receive(String topic, Function<Letter, Future<Letter>> handler) {
            handlers.put(topic, handler);
        }

        @Override
        public Future<Letter> ask(String node, Letter letter, Duration within) {
            Promise<Letter> answer = Promise.promise();
            if (!dead) {
                post.add(new Sent(id, node, Letter.decode(letter.encode()), answer));
            }
            return answer.future();
        }

        @Override
        public void tell(String node, Letter letter) {
            ask(node, letter, Duration.ZERO);
        }

        @Override
        public Future<Receipt> announce(Letter letter, Duration within, Set<Role> playing) {
            return Future.failedFuture("nobody announces anything here");
        }

        @Override
        public Future<Void> leave() {
            return Future.succeededFuture();
        }

        @Override
        public @Nullable Share find(Meter meter) {
            return shares.get(meter);
        }

        @Override
        public Future<Long> stored(Meter meter) {
            return Future.succeededFuture(0L);
        }

        @Override
        public boolean oneStore() {
            return oneStore;
        }
    }

    /** What a node has of one total. */
    static final class Part implements Share {
        private long granted;
        private long own;
        private long used;
        private long elsewhere;
        private final BooleanSupplier dead;

        private Part(BooleanSupplier dead) {
            this.dead = dead;
        }

        synchronized void use(long amount) {
            own += amount;
            used += amount;
        }

        synchronized long given() {
            return used + free();
        }

        synchronized long free() {
            return Math.max(0, granted - own);
        }

        @Override
        public synchronized State state() {
            return new State(granted, own, false);
        }

        @Override
        public synchronized void grow(long by) {
            granted += dead.getAsBoolean() ? 0 : by;
        }

        @Override
        public synchronized State shrink() {
            granted = dead.getAsBoolean() ? granted : Math.min(granted, own);
            return state();
        }

        @Override
        public synchronized Opening open() {
            long known = elsewhere + own;
            elsewhere += own;
            granted = Math.max(0, granted - own);
            own = 0;
            return new Opening(state(), used, 0, known);
        }
    }
}
