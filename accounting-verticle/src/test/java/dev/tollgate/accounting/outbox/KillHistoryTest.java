package dev.tollgate.accounting.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.Delivery;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that are killed at any moment, one at a time, some with their disks. Whatever happened, the store has each call once whose
 * answer had left, and balances are the sums of rows. {@code -Dtollgate.outbox.seeds=2000} makes it long,
 * and {@code -Dtollgate.outbox.seed=…} begins with one that failed.
 */
class KillHistoryTest {
    private static final long COST = 1_500;

    @RegisterExtension
    static final Stores POSTGRES = new Stores(StoreUrl.Kind.POSTGRESQL);

    @TempDir
    Path folder;

    @Test
    void theStoreHasEachAnsweredCallOnceAfterAnyHistory() throws Exception {
        long first = Long.getLong("tollgate.outbox.seed", System.nanoTime());
        try (Ledger ledger = SqliteLedger.open(folder.resolve("tollgate.db"))) {
            for (int i = 0; i < Integer.getInteger("tollgate.outbox.seeds", 30); i++) {
                new History(first + i, ledger, folder).run();
            }
            assertThat(ledger.verify()).isEmpty();
        }
    }

    @Test
    void soDoesADatabaseServer() throws Exception {
        long first = System.nanoTime();
        try (Ledger ledger = ServerLedger.of(StoreUrl.parse(POSTGRES.fresh()))) {
            for (int i = 0; i < 4; i++) {
                new History(first + i, ledger, folder).run();
            }
            assertThat(ledger.verify()).isEmpty();
        }
    }

    /** A keeper, and the node that is back with its disk, in whatever order the server takes their transactions. */
    @Test
    void theSameCallsFromTwoNodesAtOnceCountOnce() throws Exception {
        String url = POSTGRES.fresh();
        Charge all = new Charge(Holder.ALL, 0);
        try (Ledger one = ServerLedger.of(StoreUrl.parse(url));
                Ledger other = ServerLedger.of(StoreUrl.parse(url));
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            assertThat(one.balances()).isEmpty();
            CyclicBarrier together = new CyclicBarrier(2);
            for (int round = 0; round < 10; round++) {
                String name = "round" + round;
                Journal journal = new Journal(folder, name);
                for (int i = 0; i < 700; i++) {
                    journal.append(Calls.record(
                            Calls.charged(Calls.row(UUID.randomUUID().toString()), all)));
                }
                journal.close();
                Path left = folder.resolve(name + "-000000.log");
                Path copy = Files.copy(left, folder.resolve(name + "-000000.0.12345678.log"));
                threads.invokeAll(List.of(bringing(left, one, together), bringing(copy, other, together))).stream()
                        .forEach(done -> assertThat(done).succeedsWithin(Duration.ofSeconds(60)));
            }
            assertThat(one.balances()).containsExactly(new Balance(all, 7_000 * COST));
            assertThat(one.verify()).isEmpty();
        }
    }

    private static Callable<Long> bringing(Path file, Ledger ledger, CyclicBarrier together) {
        return () -> {
            together.await();
            return Delivery.bring(file, 0, true, ledger);
        };
    }

    /** One history; all that happens follows from its seed. */
    private static final class History {
        private final long seed;
        private final Random random;
        private final Ledger ledger;
        private final Path folder;
        private final Mesh mesh = new Mesh();
        private final AtomicLong nanos = new AtomicLong();
        private final List<OneNode> up = new ArrayList<>();
        private final List<Path> down = new ArrayList<>();
        private final Map<Path, Set<String>> called = new HashMap<>();
        private final Set<String> lostOnes = new HashSet<>();
        private final Set<String> promised = new HashSet<>();
        private final Charge charge;
        private int nodes;
        private boolean wild;

        History(long seed, Ledger ledger, Path folder) {
            this.seed = seed;
            this.random = new Random(seed);
            this.ledger = ledger;
            this.folder = folder.resolve("seed" + seed);
            this.charge = new Charge(new Holder(Kind.KEY, "seed" + seed), 0);
        }

        void run() throws Exception {
            try {
                for (int i = 0; i < 3; i++) {
                    start(folder.resolve("disk" + nodes));
                }
                settle();
                for (int deaths = 0; deaths < 3; deaths++) {
                    happen(20 + random.nextInt(60));
                    kill(true);
                    happen(random.nextInt(40));
                    settle();
                }
                check();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            } finally {
                up.forEach(OneNode::close);
            }
        }

        private void happen(int times) throws IOException {
            wild = true;
            for (int i = 0; i < times; i++) {
                nanos.addAndGet(random.nextInt(1_500_000));
                OneNode node = up.get(random.nextInt(up.size()));
                switch (random.nextInt(24)) {
                    case 0 -> mesh.cutOff(node.id);
                    case 1, 2 -> mesh.reach(node.id);
                    case 3 ->
                        nanos.addAndGet(Duration.ofSeconds(random.nextInt(4)).toNanos());
                    case 4 -> node.lanes.forEach(LaneCopies::sweep);
                    case 5 -> leave(node);
                    case 6 -> kill(false);
                    case 7 -> startAgain();
                    case 8, 9, 10 -> store(node);
                    case 11 -> storeOthers(node);
                    case 12, 13, 14, 15, 16, 17 -> node.copying.step();
                    default -> call(node);
                }
            }
            wild = false;
        }

        private void call(OneNode node) {
            String id = new UUID(random.nextLong(), random.nextLong()).toString();
            boolean waits = node.copying.waits();
            called.get(node.data).add(id);
            long from = nanos.get();
            SpendRow row = Calls.row(id, "hash", "seed" + seed, "gpt-4o", 1_767_225_600_000L, COST);
            node.call(id, random.nextInt(2), Calls.charged(row, charge)).onSuccess(_ -> {
                // Who waited too long, or for a keeper that was lost, was let go without a copy.
                if (waits
                        && node.copying.waits()
                        && nanos.get() - from < Duration.ofMillis(200).toNanos()) {
                    promised.add(id);
                }
            });
        }

        private void start(Path disk) {
            OneNode node = new OneNode(
                    mesh, "n" + random.nextInt(1_000) + "-" + nodes++ + "-" + seed, disk, nanos, this::lossy);
            up.add(node);
            called.computeIfAbsent(disk, _ -> new HashSet<>());
        }

        private void startAgain() {
            if (down.isEmpty()) {
                start(folder.resolve("disk" + nodes));
            } else {
                start(down.remove(random.nextInt(down.size())));
            }
        }

        /** Some answers of keepers get lost, though they have written what they were sent. */
        private Peers lossy(Peers peers) {
            return (Peers) proxy(Peers.class, (_, method, arguments) -> {
                if (method.getName().equals("receive")) {
                    @SuppressWarnings("unchecked")
                    var handler = (Function<Letter, Future<Letter>>) arguments[1];
                    Function<Letter, Future<Letter>> forgetful = letter -> handler.apply(letter)
                            .compose(answer -> wild && random.nextInt(12) == 0
                                    ? Future.failedFuture("lost")
                                    : Future.succeededFuture(answer));
                    peers.receive((String) arguments[0], forgetful);
                    return null;
                }
                return method.invoke(peers, arguments);
            });
        }

        /** Some deeds of the store fail, or are done and yet seem to have failed, as for a node that dies just then. */
        private Ledger moody() {
            return (Ledger) proxy(Ledger.class, (_, method, arguments) -> {
                int mood = wild ? random.nextInt(8) : 2;
                if (mood == 0) {
                    throw new IllegalStateException("not done");
                }
                Object answer = method.invoke(ledger, arguments);
                if (mood == 1) {
                    throw new IllegalStateException("done, and not known");
                }
                return answer;
            });
        }

        private static Object proxy(Class<?> type, InvocationHandler handler) {
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                try {
                    return handler.invoke(proxy, method, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        }

        private void store(OneNode node) throws IOException {
            try {
                node.store(moody());
            } catch (IllegalStateException _) {
                // It comes again.
            }
        }

        private void storeOthers(OneNode node) throws IOException {
            try {
                node.storeOthers(moody());
            } catch (IllegalStateException _) {
                // It comes again.
            }
        }

        /** In good order: what it could store is stored, and the others know. */
        private void leave(OneNode node) throws IOException {
            if (up.size() > 2) {
                node.keeping.close();
                store(node);
                node.farewell();
                gone(node);
                down.add(node.data);
            }
        }

        private void kill(boolean withItsDisk) throws IOException {
            if (withItsDisk || up.size() > 2) {
                OneNode node = up.get(random.nextInt(up.size()));
                gone(node);
                if (withItsDisk) {
                    lostOnes.addAll(called.get(node.data));
                    delete(node.data);
                } else {
                    down.add(node.data);
                }
            }
            while (up.size() < 2) {
                start(folder.resolve("disk" + nodes));
            }
        }

        private void gone(OneNode node) {
            up.remove(node);
            mesh.leave(node.id);
            mesh.reach(node.id);
            node.close();
        }

        private static void delete(Path disk) throws IOException {
            if (Files.exists(disk)) {
                try (Stream<Path> files = Files.walk(disk)) {
                    files.sorted(Comparator.reverseOrder())
                            .forEach(file -> file.toFile().delete());
                }
            }
        }

        /** All come back that can, and have time enough to bring everything to where it should be: then the next disk may die. */
        private void settle() throws IOException {
            down.forEach(this::start);
            down.clear();
            up.forEach(node -> mesh.reach(node.id));
            for (int round = 0; round < 8; round++) {
                nanos.addAndGet(Duration.ofSeconds(3).toNanos());
                for (OneNode node : up) {
                    node.copy(nanos);
                    node.store(ledger);
                    node.storeOthers(ledger);
                    node.lanes.forEach(LaneCopies::sweep);
                }
            }
            for (OneNode node : up) {
                assertThat(node.copying.waits()).as("has a keeper").isTrue();
            }
        }

        private void check() throws IOException {
            Set<String> stored = new HashSet<>();
            ledger.logs(Map.of("user_id", "seed" + seed, "limit", "100000"))
                    .forEach(row -> stored.add(((JsonObject) row).getString("request_id")));
            Set<String> all = new HashSet<>();
            called.values().forEach(all::addAll);
            assertThat(all).as("calls that were made").containsAll(stored);
            promised.removeAll(stored);
            assertThat(promised).as("answered, and not stored").isEmpty();
            all.removeAll(lostOnes);
            all.removeAll(stored);
            assertThat(all).as("of nodes that kept their disks, and not stored").isEmpty();
            assertThat(ledger.balances().stream()
                            .filter(balance -> balance.charge().holder().equals(charge.holder()))
                            .mapToLong(Balance::nanos)
                            .sum())
                    .isEqualTo(stored.size() * COST);
            try (Stream<Path> files = Files.walk(folder)) {
                assertThat(files.filter(file -> file.toString().endsWith(".log")
                                && file.toString().contains("outbox")))
                        .as("copies of what is stored")
                        .isEmpty();
            }
        }
    }
}
