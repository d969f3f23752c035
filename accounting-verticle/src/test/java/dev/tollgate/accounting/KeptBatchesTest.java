package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What such nodes keep for others that were away, and what becomes of those that were away for longer. */
class KeptBatchesTest {
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
    void aNodeThatStandsAloneKeepsNoBatchesAndTellsOnlyTheSumsLater() throws Exception {
        try (SqliteLedger alone = SqliteLedger.open(ground.file("one"))) {
            alone.store(List.of(TwinGround.charged("never together", 10)), "journal", 1);
        }
        assertThat(ground.batches("one")).isZero();
        ground.start("one");
        assertThat(ground.batches("one")).as("what it held").isEqualTo(1);
        ground.nodes.remove("one").stop();
        try (SqliteLedger alone = SqliteLedger.open(ground.file("one"))) {
            for (int i = 0; i < 50; i++) {
                alone.store(List.of(TwinGround.charged("alone" + i, 10)), "journal", i);
            }
        }
        assertThat(ground.batches("one")).isEqualTo(1);
        ground.start("one");
        ground.start("two");
        ground.spent(510);
        assertThat(ground.batches("one")).isEqualTo(2);
    }

    /** What must not be kept any more is not kept for others either, also where nobody asks for it any more. */
    @Test
    void batchesGoWithTheRowsThatAreTooOld() throws Exception {
        ground.start("one").store("a", "b");
        ground.nodes.remove("one").stop();
        try (SqliteLedger alone = SqliteLedger.open(ground.file("one"))) {
            assertThat(ground.batches("one")).isEqualTo(1);
            assertThat(alone.deleteRows(Long.MAX_VALUE)).isFalse();
        }
        assertThat(ground.batches("one")).isZero();
        ground.start("one");
        ground.start("two");
        ground.spent(20);
    }

    @Test
    void manyBalancesAreTakenOverInSeveralLetters() {
        TwinGround.Node one = ground.start("one", 1, peers -> peers);
        Map<Charge, Long> many = new HashMap<>();
        for (int i = 0; i < 9_000; i++) {
            many.put(new Charge(new Holder(Kind.USER, "a user with a long name " + i), 0), 1L + i);
        }
        one.store("a");
        Calls.done(one.ask(own -> {
            own.adjust(many);
            return "";
        }));
        one.store("b");
        cut("one", 1);
        TwinGround.Node fresh = ground.start("fresh");
        Calls.done(fresh.twins.catchUp());
        assertThat(Calls.done(fresh.ask(Ledger::balances)))
                .hasSize(9_001)
                .containsExactlyInAnyOrderElementsOf(Calls.done(one.ask(Ledger::balances)));
    }

    /** Rounds until only the last batches are kept. */
    private void cut(String name, int kept) {
        await().atMost(TwinGround.SOON).until(() -> {
            ground.now.addAndGet(10_000);
            ground.nodes.get(name).round();
            return ground.batches(name) <= kept;
        });
    }

    @Test
    void onlyTheLastBatchesAreKeptAndWhoLacksMoreTakesTheBalancesFirst() {
        TwinGround.Node one = ground.start("one", 5, peers -> peers);
        TwinGround.Node two = ground.start("two");
        one.store("known");
        ground.alike();
        ground.nodes.remove("two").stop();
        for (int i = 0; i < 20; i++) {
            one.store("missed" + i);
        }
        cut("one", 5);
        TwinGround.Node fresh = ground.start("fresh");
        fresh.store("own");
        two = ground.start("two");
        two.store("back");
        ground.spent(230);
        assertThat(fresh.state()).containsKeys("own", "back").doesNotContainKey("missed0");
        assertThat(two.state()).containsKeys("known", "own", "back").doesNotContainKey("missed0");
        one.store("later");
        ground.spent(240);
        assertThat(two.state()).containsKeys("later");
        for (TwinGround.Node node : ground.nodes.values()) {
            assertThat(node.differences())
                    .as("what was taken over is in no row here")
                    .isEmpty();
        }
    }

    /** Its keeper brought them while it was gone, and it brings them itself from its journal. */
    @Test
    void theLastCallsOfAKilledNodeCountOnceWhenItTakesBalancesOver() {
        TwinGround.Node one = ground.start("one", 5, peers -> peers);
        ground.start("killed").store("known");
        ground.alike();
        ground.nodes.remove("killed").stop();
        one.store("last");
        for (int i = 0; i < 20; i++) {
            one.store("missed" + i);
        }
        cut("one", 5);
        TwinGround.Node killed = ground.start("killed");
        killed.store("last");
        Calls.done(killed.twins.catchUp());
        assertThat(killed.spent()).isEqualTo(220);
        ground.spent(220);
    }

    /** Who has all batches is asked before balances are taken over from who has not. */
    @Test
    void whatOneNodeDoesNotKeepAnyMoreIsTakenFromAnother() {
        TwinGround.Node one = ground.start("one", 5, peers -> peers);
        ground.start("two");
        TwinGround.Node away = ground.start("away");
        ground.alike();
        ground.nodes.remove("away").stop();
        for (int i = 0; i < 20; i++) {
            one.store("missed" + i);
        }
        ground.alike();
        cut("one", 5);
        away = ground.start("away");
        Calls.done(away.twins.catchUp());
        assertThat(away.spent()).isEqualTo(200);
        assertThat(away.state()).containsKeys("missed0", "missed19");
    }

    @Test
    void ofNodesThatWereApartForTooLongTheGreaterBalanceCounts() {
        TwinGround.Node one = ground.start("one", 3, peers -> peers);
        TwinGround.Node two = ground.start("two", 3, peers -> peers);
        one.store("together");
        ground.alike();
        ground.mesh.split(Set.of(one.id));
        for (int i = 0; i < 10; i++) {
            one.store("one" + i);
        }
        for (int i = 0; i < 20; i++) {
            two.store("two" + i);
        }
        cut("one", 3);
        cut("two", 3);
        ground.mesh.split(Set.of());
        // What both had before is in both balances.
        ground.spent(210);
        two.store("after");
        ground.spent(220);
    }

    private void copy(String from, String to) throws IOException {
        Files.createDirectories(data.resolve(to));
        Files.copy(ground.file(from), ground.file(to));
    }

    @Test
    void whatADataFolderHeldCountsOnceHoweverManyCopiesOfItBecomeNodes() throws Exception {
        try (SqliteLedger alone = SqliteLedger.open(ground.file("one"))) {
            alone.adjust(new Charge(TwinGround.ANNA, 0), 500);
        }
        List<String> copies = List.of("two", "three", "four");
        for (String name : copies) {
            copy("one", name);
        }
        try (SqliteLedger copied = SqliteLedger.open(ground.file("three"))) {
            copied.adjust(new Charge(TwinGround.ANNA, 0), 70);
        }
        ground.start("one");
        for (String name : copies) {
            ground.start(name).store("of " + name);
        }
        ground.spent(600);
        ground.nodes.remove("four").stop();
        copy("four", "five");
        TwinGround.Node four = ground.start("four");
        TwinGround.Node five = ground.start("five");
        four.store("x");
        five.store("y");
        ground.spent(620);
        assertThat(five.state()).containsKeys("x", "y", "of four");
    }
}
