package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.ledger.SpendSums;
import dev.tollgate.accounting.ledger.SqliteLedger;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ledgers of nodes without a database server. */
class LedgerTwinsTest {
    @TempDir
    Path data;

    private TwinGround ground;

    @BeforeEach
    void begin() {
        ground = new TwinGround(data);
    }

    @AfterEach
    void close() {
        ground.close();
    }

    @Test
    void whatOneStoresIsInAllOnceWhoeverStoresItAgain() {
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        TwinGround.Node three = ground.start("three");
        one.store("a", "b");
        two.store("c");
        // A keeper that brings another's calls, before and after it has heard of them.
        three.store("b", "c");
        ground.alike();
        three.store("a", "b", "c");
        ground.alike();
        assertThat(one.spent()).isEqualTo(30);
        assertThat(three.state()).containsKeys("a", "b", "c");
        assertThat(two.differences()).isEmpty();
    }

    @Test
    void partsOfACallAreInAllOnceAndAreOneRequest() {
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        one.store("call#1", "call");
        two.store("call#1");
        ground.alike();
        for (TwinGround.Node node : List.of(one, two)) {
            assertThat(node.spent()).isEqualTo(20);
            JsonArray found = Calls.done(node.ask(ledger -> ledger.logs(Map.of("request_id", "call"))));
            assertThat(found).hasSize(2);
            List<SpendSums.Sum> sums =
                    Calls.done(node.ask(ledger -> ledger.sums(new SpendSums(List.of(), null, null, List.of()))));
            assertThat(sums.getFirst().requests()).isEqualTo(1);
            assertThat(node.differences()).isEmpty();
        }
    }

    @Test
    void catchingUpBringsEverythingThatOthersHadWhenItWasAskedFor() {
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        for (int i = 0; i < 20; i++) {
            two.store("call" + i);
            Calls.done(one.twins.catchUp());
            assertThat(one.spent()).isEqualTo(10L * (i + 1));
        }
        ground.mesh.cutOff(two.id);
        two.store("unknown");
        assertThatThrownBy(() -> Calls.done(one.twins.balance(TwinGround.ANNA)))
                .as("nobody knows what it has")
                .hasMessageContaining("no answer");
        ground.mesh.reach(two.id);
        assertThat(Calls.done(one.twins.balance(TwinGround.ANNA)))
                .contains(new Balance(new Charge(TwinGround.ANNA, 0), 210))
                .isEqualTo(Calls.done(two.twins.balance(TwinGround.ANNA)));
    }

    /** A budget is divided by what a busy node has, too. */
    @Test
    void aNodeWhoseLedgerIsBusyTellsWhatItHasAllTheSame() throws Exception {
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        two.store("a");
        CountDownLatch ends = new CountDownLatch(1);
        try {
            two.thread.execute(() -> {
                try {
                    ends.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            Calls.done(one.twins.catchUp());
            assertThat(one.spent()).isEqualTo(10);
        } finally {
            ends.countDown();
        }
    }

    @Test
    void whatHasComeIsAddedBeforeMoreIsAskedForAndIsNotAskedForAgain() {
        AtomicInteger left = new AtomicInteger();
        TwinGround.Node one = ground.start("one", 1_000_000, peers -> new LossyPeers(peers, left));
        TwinGround.Node two = ground.start("two");
        String many = "x".repeat(1_000);
        for (int i = 0; i < 8; i++) {
            // About 120 kB each, of which three fill a letter.
            String prefix = many + i;
            two.store(IntStream.range(0, 100).mapToObj(each -> prefix + each).toArray(String[]::new));
        }
        // It may fetch at any time by itself, too; what counts is how many letters arrive in all.
        left.set(2);
        assertThatThrownBy(() -> Calls.done(one.twins.catchUp())).hasMessageContaining("a letter was lost");
        assertThat(one.spent()).isBetween(4_000L, 7_000L);
        left.set(1);
        assertThatThrownBy(() -> {
                    Calls.done(one.twins.catchUp());
                    Calls.done(one.twins.catchUp());
                })
                .hasMessageContaining("a letter was lost");
        assertThat(one.spent()).as("it goes on where it was").isGreaterThan(7_000);
        left.set(Integer.MAX_VALUE);
        Calls.done(one.twins.catchUp());
        assertThat(one.spent()).isEqualTo(8_000);
    }

    @Test
    void aResetReachesAllAndIsTold() {
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        one.store("a");
        ground.alike();
        Calls.done(two.ask(own -> {
            own.adjust(Map.of(new Charge(TwinGround.ANNA, 5_000), 3L));
            return "";
        }));
        ground.alike();
        assertThat(one.spent()).isEqualTo(3);
        await().atMost(TwinGround.SOON).until(() -> !one.byHand.isEmpty());
        assertThat(one.byHand.getLast())
                .as("nobody else's")
                .containsExactly(new Balance(new Charge(TwinGround.ANNA, 5_000), 3));
    }

    @Test
    void journalsAreToldAsStoredWhenAnotherNodeHasTheirCalls() {
        TwinGround.Node one = ground.start("one");
        List<Map<String, Long>> told = new CopyOnWriteArrayList<>();
        one.store("a");
        Runnable stored = () -> Calls.done(one.ask(own -> {
            one.twins.stored(own, Map.of("journal", 7L), told::add);
            return "";
        }));
        stored.run();
        one.round();
        assertThat(told).as("nobody else has it").isEmpty();
        TwinGround.Node two = ground.start("two");
        stored.run();
        assertThat(told).isEmpty();
        await().atMost(TwinGround.SOON).until(() -> {
            ground.rounds();
            return !told.isEmpty();
        });
        assertThat(told.getFirst()).isEqualTo(Map.of("journal", 7L));
        assertThat(two.spent()).isEqualTo(10);
    }

    @Test
    void aNodeThatLeavesInGoodOrderHandsOverWhatItHas() {
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        one.store("last");
        Calls.done(one.twins.handOver());
        assertThat(two.spent()).isEqualTo(10);
    }

    /** What a store had before its node was one of a cluster counts for all. */
    @Test
    void storesThatStoodAloneBeforeAreAddedUp() {
        try (SqliteLedger alone = SqliteLedger.open(ground.file("one"))) {
            alone.adjust(new Charge(TwinGround.ANNA, 0), 500);
        }
        TwinGround.Node one = ground.start("one");
        TwinGround.Node two = ground.start("two");
        two.store("a");
        ground.alike();
        assertThat(one.spent()).isEqualTo(510);
        two.stop();
        try (SqliteLedger alone = SqliteLedger.open(ground.file("two"))) {
            alone.adjust(new Charge(TwinGround.ANNA, 0), 4);
        }
        ground.start("two");
        ground.alike();
        assertThat(one.spent()).as("what it spent on its own").isEqualTo(514);
        assertThat(one.differences()).isEmpty();
    }

    /** Random calls, repetitions, cuts and starts; in the end all have the same, and each call counts once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverHappensAllLedgersEndAlike(long seed) {
        Random random = new Random(seed);
        List<String> names = List.of("one", "two", "three");
        names.forEach(ground::start);
        Set<String> calls = new TreeSet<>();
        for (int step = 0; step < 120; step++) {
            String name = names.get(random.nextInt(3));
            switch (random.nextInt(10)) {
                case 0 -> {
                    ground.nodes.remove(name).stop();
                    ground.start(name);
                }
                case 1 -> ground.mesh.split(Set.of(ground.nodes.get(name).id));
                case 2 -> ground.mesh.split(Set.of());
                case 3 -> ground.nodes.get(name).round();
                default -> {
                    // Some of them twice, by two ground.nodes.
                    String call = "call" + random.nextInt(60);
                    calls.add(call);
                    ground.nodes.get(name).store(call);
                }
            }
        }
        ground.mesh.split(Set.of());
        ground.alike();
        assertThat(ground.nodes.get("one").spent()).as("seed %d", seed).isEqualTo(10L * calls.size());
        assertThat(ground.nodes.get("two").state().keySet()).containsAll(calls);
        ground.nodes
                .values()
                .forEach(node ->
                        assertThat(node.differences()).as("seed %d", seed).isEmpty());
    }
}
