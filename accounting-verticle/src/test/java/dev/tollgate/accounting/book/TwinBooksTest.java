package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.SqliteDefinitions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes with an embedded store each agree on what the admin API manages. */
class TwinBooksTest {
    @TempDir
    Path data;

    private Twins twins;

    @BeforeEach
    void open() {
        twins = new Twins(data, InstantSource.system());
    }

    @AfterEach
    void close() {
        twins.close();
    }

    private static JsonObject alias(String alias) {
        return new JsonObject().put("user_alias", alias);
    }

    @Test
    void aChangeIsInEveryNodesOwnStoreWhenItsWriterIsAnswered() throws Exception {
        StoredBook one = twins.start("one");
        StoredBook two = twins.start("two");
        twins.start("three");
        assertThat(Twins.put(one, Kind.USER, "u", alias("Anna"))).isEmpty();
        assertThat(two.user("u").alias()).isEqualTo("Anna");
        assertThat(Twins.put(two, Kind.USER, "u", alias("Berta"))).isEmpty();
        assertThat(one.user("u").alias()).isEqualTo("Berta");
        assertThat(Twins.put(one, Kind.TAG, "t", new JsonObject())).isEmpty();
        assertThat(Twins.delete(two, Kind.TAG, "t")).isEmpty();
        assertThat(one.tag("t")).isNull();
        twins.stop("three");
        try (SqliteDefinitions third =
                SqliteDefinitions.openTogether(data.resolve("three").resolve("tollgate.db"))) {
            Map<String, String> stored = new HashMap<>();
            third.changes(0, each -> stored.put(each.id(), each.document()));
            assertThat(stored.get("u")).isEqualTo(alias("Berta").encode());
            assertThat(stored).containsEntry("t", null);
        }
    }

    /** Until then clients had better ask another one. */
    @Test
    void aNodeThatComesSaysWhenItHasWhatTheOthersHad() throws Exception {
        StoredBook one = twins.start("one");
        await().atMost(Twins.SOON).until(one::caughtUp);
        for (int i = 0; i < 300; i++) {
            Twins.put(one, Kind.USER, "u" + i, alias("x".repeat(2_000)));
        }
        StoredBook two = twins.start("two");
        await().atMost(Twins.SOON).pollDelay(Duration.ZERO).until(two::caughtUp);
        assertThat(two.entries(Kind.USER)).hasSize(300);
        assertThat(one.caughtUp()).isTrue();
    }

    /** Its entries are read with the first change, and it asks the others all the same. */
    @Test
    void aNodeThatBreaksAtItsStartIsNotCutOffFromTheOthersNews() throws Exception {
        StoredBook one = twins.start("one");
        Twins.put(one, Kind.USER, "u", alias("Anna"));
        AtomicBoolean broken = new AtomicBoolean(true);
        Path file = data.resolve("broken").resolve("tollgate.db");
        try (StoredBook book = new StoredBook(
                () -> {
                    if (broken.getAndSet(false)) {
                        throw new StackOverflowError();
                    }
                    return SqliteDefinitions.openTogether(file);
                },
                InstantSource.system(),
                twins.mesh.join("broken"))) {
            book.start(() -> {});
            Twins.put(book, Kind.USER, "v", alias("Berta"));
            await().atMost(Twins.SOON).until(book::caughtUp);
            assertThat(book.user("u").alias()).isEqualTo("Anna");
        }
    }

    /** All write at one moment, each based on what it has: one state wins, on all nodes the same. */
    @Test
    void editsOfOneEntryAtOnceEndAlikeEverywhere() throws Exception {
        List<StoredBook> books = List.of(twins.start("one"), twins.start("two"), twins.start("three"));
        Twins.put(books.getFirst(), Kind.USER, "u", alias("before"));
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (int round = 0; round < 10; round++) {
                CyclicBarrier together = new CyclicBarrier(3);
                List<Future<?>> writing = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    StoredBook book = books.get(i);
                    JsonObject document = alias(round + " of " + i);
                    writing.add(threads.submit(() -> {
                        together.await(60, TimeUnit.SECONDS);
                        try {
                            Twins.put(book, Kind.USER, "u", document);
                        } catch (Book.Stale _) {
                            // Another's was here sooner.
                        }
                        return null;
                    }));
                }
                for (Future<?> each : writing) {
                    each.get(60, TimeUnit.SECONDS);
                }
                // Each writer was answered when all others had its state or a later one.
                String end = books.getFirst().user("u").alias();
                assertThat(end).startsWith(round + " of ");
                assertThat(books).extracting(book -> book.user("u").alias()).containsOnly(end);
            }
        }
    }

    @Test
    void ofTwoStatesThatAreEquallyLateADeletionWins() throws Exception {
        StoredBook one = twins.start("one");
        StoredBook two = twins.start("two");
        Twins.put(one, Kind.USER, "u", alias("Anna"));
        Twins.put(one, Kind.USER, "v", alias("Berta"));
        twins.mesh.split(Set.of(twins.id("one")));
        assertThat(Twins.delete(one, Kind.USER, "u")).isEmpty();
        Twins.put(two, Kind.USER, "u", alias("still here"));
        Twins.put(one, Kind.USER, "v", alias("A"));
        Twins.put(two, Kind.USER, "v", alias("B"));
        twins.mesh.split(Set.of());
        await().atMost(Twins.SOON).until(() -> Twins.all(one).equals(Twins.all(two)));
        assertThat(one.user("u")).isNull();
        assertThat(one.user("v").alias()).as("the greater text").isEqualTo("B");
    }

    @Test
    void aNodeThatWasAwayGetsWhatWasWrittenAndDeletedAndTellsWhatItWrote() throws Exception {
        StoredBook one = twins.start("one");
        StoredBook away = twins.start("away");
        Twins.put(one, Kind.USER, "gone", alias("x"));
        Twins.put(one, Kind.USER, "changed", alias("x"));
        twins.stop("away");
        assertThat(Twins.delete(one, Kind.USER, "gone")).as("it is no member").isEmpty();
        Twins.put(one, Kind.USER, "changed", alias("y"));
        Twins.put(one, Kind.USER, "new", alias("z"));
        assertThat(away.user("gone")).isNotNull();
        StoredBook back = twins.start("away");
        await().atMost(Twins.SOON).until(() -> Twins.all(back).equals(Twins.all(one)));
        assertThat(back.user("gone")).isNull();
        assertThat(back.user("changed").alias()).isEqualTo("y");

        // A member that letters do not reach is named, and catches up by itself.
        twins.mesh.cutOff(twins.id("away"));
        assertThat(Twins.put(one, Kind.USER, "late", alias("l"))).containsExactly(twins.id("away"));
        Twins.put(back, Kind.USER, "own", alias("o"));
        twins.mesh.reach(twins.id("away"));
        await().atMost(Twins.SOON).until(() -> Twins.all(back).equals(Twins.all(one)));
        assertThat(back.user("late").alias()).isEqualTo("l");
        assertThat(one.user("own").alias()).isEqualTo("o");
    }

    /** Nodes that stood alone before have counted their changes each for itself. */
    @Test
    void nodesThatStoodAloneBeforeHaveAllOfBothAndAChangeAfterwardsHolds() throws Exception {
        StoredBook one = twins.start("one");
        twins.mesh.split(Set.of("two1"));
        StoredBook two = twins.start("two");
        for (int i = 0; i < 30; i++) {
            Twins.put(one, Kind.USER, "u", alias("one " + i));
        }
        Twins.put(two, Kind.USER, "u", alias("two"));
        Twins.put(two, Kind.TEAM, "t", new JsonObject());
        twins.mesh.split(Set.of());
        await().atMost(Twins.SOON).until(() -> Twins.all(one).equals(Twins.all(two)) && one.team("t") != null);
        assertThat(two.user("u").alias()).isEqualTo("one 29");
        assertThat(Twins.put(two, Kind.USER, "u", alias("last"))).isEmpty();
        assertThat(one.user("u").alias()).as("later than all that it knew of").isEqualTo("last");
        twins.stop("one");
        assertThat(Twins.all(twins.start("one"))).isEqualTo(Twins.all(two));
    }

    /** More than fits into one letter; no key is ever there without the budget that limits it. */
    @Test
    void aNewNodeGetsEverythingAndBudgetsBeforeTheKeysThatNameThem() throws Exception {
        StoredBook one = twins.start("one");
        int keys = 2_000;
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            changes.add(Change.create(
                    Kind.KEY,
                    "key" + i,
                    new JsonObject().put("budget_id", "b" + i % 700).put("key_alias", "k".repeat(500))));
        }
        for (int i = 0; i < 700; i++) {
            changes.add(Change.create(Kind.BUDGET, "b" + i, new JsonObject().put("rpm_limit", i + 1)));
        }
        one.write(changes);
        int before = twins.mesh.delivered();
        StoredBook fresh = twins.start("new");
        await().atMost(Twins.SOON).until(() -> {
            fresh.entries(Kind.KEY)
                    .forEach(key -> assertThat(fresh.key(key.id()).limits().rpm())
                            .as("%s", key.id())
                            .isPositive());
            return fresh.entries(Kind.KEY).size() == keys;
        });
        // By many at a time; the longer it takes the more other letters there are.
        assertThat(twins.mesh.delivered() - before).isBetween(5, 1_000);
        assertThat(Twins.all(fresh)).isEqualTo(Twins.all(one));
    }

    @Test
    void newsOfAKeyWhoseBudgetWasMissedWaitForTheBudget() throws Exception {
        StoredBook one = twins.start("one");
        StoredBook two = twins.start("two");
        twins.mesh.cutOff(twins.id("two"));
        assertThat(Twins.put(one, Kind.BUDGET, "b", new JsonObject().put("rpm_limit", 7)))
                .containsExactly(twins.id("two"));
        twins.mesh.reach(twins.id("two"));
        assertThat(Twins.put(one, Kind.KEY, "k", new JsonObject().put("budget_id", "b")))
                .isEmpty();
        assertThat(two.key("k").limits().rpm()).isEqualTo(7);
        assertThat(Twins.put(one, Kind.KEY, "n", new JsonObject().put("budget_id", "nobody has it")))
                .as("what is nowhere is not waited for")
                .isEmpty();
        assertThat(two.key("n")).isNotNull();
    }

    /** Random writes, cuts, kills and starts; in the end all have the same, also on their disks. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverHappensAllBooksEndAlike(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> names = List.of("one", "two", "three", "four");
        twins.start("one");
        for (int step = 0; step < 150; step++) {
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (twins.book(name) == null) {
                        twins.start(name);
                    } else if (twins.books().size() > 1) {
                        twins.stop(name);
                    }
                }
                case 1 -> twins.mesh.split(twins.book(name) == null ? Set.of() : Set.of(twins.id(name)));
                case 2 -> twins.mesh.split(Set.of());
                default -> {
                    if (twins.book(name) != null) {
                        change(twins.book(name), random, step);
                    }
                }
            }
        }
        twins.mesh.split(Set.of());
        for (String name : names) {
            if (twins.book(name) == null) {
                twins.start(name);
            }
        }
        await().atMost(Twins.SOON)
                .until(() -> twins.books().stream().map(Twins::all).distinct().count() == 1);
        Map<String, String> all = Twins.all(twins.book("one"));
        assertThat(all).as("seed %d", seed).isNotEmpty();
        names.forEach(twins::stop);
        for (String name : names) {
            assertThat(Twins.all(twins.start(name)))
                    .as("%s, seed %d", name, seed)
                    .isEqualTo(all);
            twins.stop(name);
        }
    }

    private static void change(StoredBook book, Random random, int step) throws Exception {
        Kind kind = random.nextBoolean() ? Kind.USER : Kind.BUDGET;
        String id = "e" + random.nextInt(6);
        try {
            if (random.nextInt(3) == 0 && book.entry(kind, id).isPresent()) {
                Twins.delete(book, kind, id);
            } else {
                Twins.put(book, kind, id, new JsonObject().put("step", step));
            }
        } catch (Book.Stale | NoSuchElementException _) {
            // Another node's change came in between.
        }
    }
}
