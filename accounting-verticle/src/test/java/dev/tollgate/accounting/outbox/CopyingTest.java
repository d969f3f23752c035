package dev.tollgate.accounting.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Mesh;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyingTest {
    @TempDir
    Path folder;

    private final Mesh mesh = new Mesh();
    private final AtomicLong nanos = new AtomicLong();
    private final List<OneNode> nodes = new ArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(OneNode::close);
    }

    private OneNode node(String id) {
        OneNode node = new OneNode(mesh, id, folder.resolve(id), nanos);
        nodes.add(node);
        return node;
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void gone(OneNode node) {
        mesh.leave(node.id);
        node.close();
        nodes.remove(node);
    }

    /** Ids of the calls that one node keeps for another. */
    private static List<String> kept(OneNode keeper, OneNode origin) throws IOException {
        Path folder = keeper.data.resolve("outbox").resolve(origin.id);
        List<String> ids = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    JournalReader.read(file, 0, 10_000)
                            .records()
                            .forEach(record -> ids.add(SpendRow.read(record).callId()));
                }
            }
        }
        return ids;
    }

    @Test
    void answersWaitForTheNextNodeOfTheRingAndForNobodyWhereThereIsNone() throws IOException {
        OneNode b = node("b");
        b.copy(nanos);
        assertThat(b.call("alone", 0).isComplete()).isTrue();
        OneNode a = node("a");
        OneNode c = node("c");
        b.copy(nanos);
        Future<String> first = b.call("first", 0);
        Future<String> other = b.call("other", 1);
        Future<String> second = b.call("second", 0);
        assertThat(List.of(first.isComplete(), other.isComplete(), second.isComplete()))
                .containsOnly(false);
        b.copy(nanos);
        assertThat(List.of(first.result(), other.result(), second.result()))
                .containsExactly("first", "other", "second");
        assertThat(kept(c, b)).containsExactlyInAnyOrder("alone", "first", "second", "other");
        assertThat(kept(a, b)).isEmpty();
        assertThat(b.count("copied")).isEqualTo(4);
        c.copy(nanos);
        assertThat(c.call("around", 0).isComplete()).isFalse();
        c.copy(nanos);
        assertThat(kept(a, c)).as("the ring is closed").containsExactly("around");
    }

    /** Nobody would let it go: the lane's timer has ended, and its loop may have. */
    @Test
    void behindTheEndOfTheLaneNoAnswerWaits() {
        OneNode a = node("a");
        node("b");
        a.copy(nanos);
        Future<String> before = a.call("before", 0);
        assertThat(before.isComplete()).isFalse();
        a.lanes.getFirst().close();
        assertThat(before.result()).isEqualTo("before");
        assertThat(a.call("behind", 0).result()).isEqualTo("behind");
        assertThat(a.call("on the other lane", 1).isComplete()).isFalse();
    }

    @Test
    void eachOfTheCallsThatWereWrittenAtOnceWaitsAndCounts() throws IOException {
        AtomicLong woken = new AtomicLong();
        OneNode a = new OneNode(mesh, "a", folder.resolve("a"), nanos, peers -> peers, woken::incrementAndGet);
        nodes.add(a);
        OneNode b = node("b");
        a.copy(nanos);
        leftBySteps(a, 5);
        pass(Duration.ofMillis(1));
        a.copying.step();
        long before = woken.get();
        List<String> ids = IntStream.range(0, 16).mapToObj(i -> "call" + i).toList();
        List<Future<String>> answers =
                a.calls(ids, 0, ids.stream().map(Calls::row).toList());
        assertThat(answers).noneMatch(Future::isComplete);
        assertThat(woken.get()).as("sixteen are enough").isEqualTo(before + 1);
        a.copy(nanos);
        assertThat(answers).extracting(Future::result).isEqualTo(ids);
        assertThat(kept(b, a)).containsAll(ids);
    }

    @Test
    void whatComesUpWhileALetterIsUnderWayIsOneLetter() {
        OneNode a = node("a");
        node("b");
        a.copy(nanos);
        int before = mesh.delivered();
        for (int i = 0; i < 500; i++) {
            a.call("call" + i, i % 2);
        }
        a.copy(nanos);
        assertThat(mesh.delivered() - before).isLessThanOrEqualTo(3);
        assertThat(a.count("copied")).isEqualTo(500);
        assertThat(a.copying.waiting()).isZero();
    }

    @Test
    void underLoadALetterWaitsForSixteenRecordsOrFourMillisecondsAndElseForOne() {
        OneNode a = node("a");
        node("b");
        a.copy(nanos);
        assertThat(leftBySteps(a, 1)).as("alone it leaves at once").containsExactly(1);
        pass(Duration.ofMillis(1));
        assertThat(leftBySteps(a, 5)).as("the last one had a single record").containsExactly(5);
        pass(Duration.ofMillis(1));
        assertThat(leftBySteps(a, 2)).as("the last one had several").containsExactly(0, 0, 0, 2);
        pass(Duration.ofMillis(1));
        assertThat(leftBySteps(a, 15)).as("the last one had two").containsExactly(15);
        assertThat(leftBySteps(a, 15)).as("too few, too early").containsExactly(0, 0, 0, 0, 15);
        assertThat(leftBySteps(a, 16)).as("enough, but not so soon").containsExactly(0, 16);
        pass(Duration.ofMillis(1));
        assertThat(leftBySteps(a, 16)).as("enough").containsExactly(16);
    }

    /** How many of so many new records have left after each step, a millisecond apart, until all have. */
    private List<Integer> leftBySteps(OneNode node, int records) {
        double before = node.count("copied");
        for (int i = 0; i < records; i++) {
            node.call("call" + nanos.get() + "-" + i, i % 2);
        }
        List<Integer> left = new ArrayList<>();
        while (left.isEmpty() || left.getLast() < records) {
            if (!left.isEmpty()) {
                pass(Duration.ofMillis(1));
            }
            node.copying.step();
            node.copying.step();
            left.add((int) (node.count("copied") - before));
        }
        return left;
    }

    @Test
    void whoWritesTheSixteenthRecordWakesTheSenderAndNobodyBefore() {
        AtomicLong woken = new AtomicLong();
        OneNode a = new OneNode(mesh, "a", folder.resolve("a"), nanos, peers -> peers, woken::incrementAndGet);
        nodes.add(a);
        node("b");
        a.copy(nanos);
        leftBySteps(a, 5);
        pass(Duration.ofMillis(1));
        a.copying.step();
        long before = woken.get();
        for (int i = 0; i < 15; i++) {
            a.call("early" + i, 0);
        }
        assertThat(woken.get())
                .as("the sender comes by itself when the gap is over")
                .isEqualTo(before);
        a.call("sixteenth", 0);
        a.call("seventeenth", 0);
        assertThat(woken.get()).isEqualTo(before + 1);
    }

    /** To wake the sender takes as much as a letter, so it is not woken for what it need not do. */
    @Test
    void theSenderIsNotWokenToHearThatALetterHasArrived() {
        AtomicLong woken = new AtomicLong();
        OneNode a = new OneNode(mesh, "a", folder.resolve("a"), nanos, peers -> peers, woken::incrementAndGet);
        nodes.add(a);
        OneNode b = node("b");
        a.copy(nanos);
        List<Promise<Letter>> letters = new ArrayList<>();
        b.peers.receive(CopyLetter.COPY, _ -> {
            letters.add(Promise.promise());
            return letters.getLast().future();
        });
        Future<String> single = a.call("single", 0);
        a.copying.step();
        long before = woken.get();
        letters.getLast().complete(Letter.done());
        assertThat(single.result()).isEqualTo("single");
        assertThat(woken.get()).as("there is nothing to do").isEqualTo(before);

        pass(Duration.ofMillis(1));
        List<Future<String>> several = IntStream.range(0, 5)
                .mapToObj(i -> a.call("several" + i, i % 2))
                .toList();
        assertThat(woken.get()).as("the first of them wakes it").isEqualTo(before + 1);
        long sleeps = a.copying.step();
        Future<String> next = a.call("next", 0);
        letters.getLast().complete(Letter.done());
        assertThat(several).allMatch(Future::isComplete);
        assertThat(woken.get()).as("it comes by itself").isEqualTo(before + 1);
        assertThat(sleeps).isEqualTo(Duration.ofMillis(4).toNanos());
        pass(Duration.ofMillis(4));
        a.copying.step();
        letters.getLast().complete(Letter.done());
        assertThat(next.isComplete()).isTrue();
    }

    @Test
    void aLetterThatTakesLongWakesTheSenderWhenItHasArrived() {
        AtomicLong woken = new AtomicLong();
        OneNode a = new OneNode(mesh, "a", folder.resolve("a"), nanos, peers -> peers, woken::incrementAndGet);
        nodes.add(a);
        OneNode b = node("b");
        a.copy(nanos);
        List<Promise<Letter>> letters = new ArrayList<>();
        b.peers.receive(CopyLetter.COPY, _ -> {
            letters.add(Promise.promise());
            return letters.getLast().future();
        });
        a.call("first", 0);
        a.copying.step();
        Future<String> second = a.call("second", 0);
        assertThat(a.copying.step())
                .as("a letter is under way")
                .isGreaterThan(Duration.ofMillis(100).toNanos());
        long before = woken.get();
        pass(Duration.ofMillis(20));
        letters.getLast().complete(Letter.done());
        assertThat(woken.get()).isEqualTo(before + 1);
        a.copying.step();
        letters.getLast().complete(Letter.done());
        assertThat(second.isComplete()).isTrue();
        assertThat(letters).hasSize(2);
    }

    @Test
    void anotherKeeperGetsWhatIsNotStoredAndTheOldOneForgetsWhatIs() throws IOException {
        try (Ledger ledger = SqliteLedger.open(folder.resolve("tollgate.db"))) {
            OneNode a = node("a");
            OneNode d = node("d");
            a.copy(nanos);
            a.call("stored", 0);
            a.copy(nanos);
            a.store(ledger);
            a.call("waiting", 0);
            a.copy(nanos);
            assertThat(kept(d, a)).contains("waiting");
            OneNode b = node("b");
            a.copy(nanos);
            assertThat(kept(b, a)).containsExactly("waiting");
            Future<String> late = a.call("late", 0);
            a.copy(nanos);
            assertThat(late.result()).isEqualTo("late");
            assertThat(kept(b, a)).containsExactlyInAnyOrder("waiting", "late");
            assertThat(kept(d, a)).as("until it is stored").contains("waiting");
            gone(b);
            a.copy(nanos);
            assertThat(kept(d, a)).contains("waiting", "late");
            a.store(ledger);
            pass(Duration.ofSeconds(1));
            a.copy(nanos);
            assertThat(kept(d, a)).isEmpty();
            assertThat(ledger.logs(Map.of())).hasSize(3);
        }
    }

    @Test
    void whoWaitsWhenTheKeeperDiesWaitsForTheNext() throws IOException {
        OneNode a = node("a");
        OneNode b = node("b");
        OneNode c = node("c");
        a.copy(nanos);
        mesh.cutOff("b");
        Future<String> caught = a.call("caught", 0);
        gone(b);
        a.copy(nanos);
        assertThat(caught.result()).isEqualTo("caught");
        assertThat(kept(c, a)).containsExactly("caught");
        assertThat(a.count("late")).isZero();
    }

    /** Whoever was asked whether it would keep copies, and died over it, holds up nobody. */
    @Test
    void aNodeThatDiesBeforeItSaysWhetherItKeepsCopiesIsNotWaitedFor() throws IOException {
        OneNode a = node("a");
        OneNode b = node("b");
        b.peers.receive(CopyLetter.COPY, _ -> Promise.<Letter>promise().future());
        OneNode c = node("c");
        a.copy(nanos);
        assertThat(a.copying.waits()).isFalse();
        gone(b);
        a.copy(nanos);
        a.call("next", 0);
        a.copy(nanos);
        assertThat(kept(c, a)).containsExactly("next");
    }

    @Test
    void aKeeperThatHangsDelaysAnAnswerByAQuarterOfASecondAndIsLeftForAnother() throws IOException {
        OneNode a = node("a");
        OneNode b = node("b");
        a.copy(nanos);
        Promise<Letter> never = Promise.promise();
        b.peers.receive(CopyLetter.COPY, _ -> never.future());
        Future<String> answer = a.call("slow", 0);
        a.copying.step();
        pass(Duration.ofMillis(190));
        a.lanes.forEach(LaneCopies::sweep);
        assertThat(answer.isComplete()).isFalse();
        pass(LaneCopies.SWEEP);
        a.lanes.forEach(LaneCopies::sweep);
        assertThat(answer.result()).isEqualTo("slow");
        assertThat(a.count("late")).isEqualTo(1);
        pass(Duration.ofSeconds(2));
        a.copying.step();
        assertThat(a.call("unprotected", 0).isComplete()).isTrue();
        assertThat(a.count("failed")).isEqualTo(1);
        OneNode c = node("c");
        a.copy(nanos);
        assertThat(kept(c, a)).containsExactly("slow", "unprotected");
        never.complete(Letter.done());
        a.copy(nanos);
        assertThat(a.count("copied"))
                .as("an answer that is too late means nothing")
                .isEqualTo(2);
    }

    @Test
    void aKeeperWhoseDiskIsFullIsPassedOverAndAskedAgainWhereThereIsNoOther() throws IOException {
        OneNode a = node("a");
        OneNode b = node("b");
        Path blocked = Files.writeString(Files.createDirectories(b.data).resolve("outbox"), "no folder");
        a.copy(nanos);
        Future<String> answer = a.call("refused", 0);
        a.copy(nanos);
        assertThat(answer.result()).as("nobody else can keep it").isEqualTo("refused");
        assertThat(a.count("failed")).isEqualTo(1);
        assertThat(a.copying.waits()).isFalse();
        Files.delete(blocked);
        pass(Duration.ofSeconds(3));
        a.copy(nanos);
        assertThat(kept(b, a)).containsExactly("refused");
        Files.delete(b.data.resolve("outbox").resolve("a").resolve(only(b, a)));
        OneNode c = node("c");
        mesh.cutOff("b");
        Future<String> next = a.call("next", 0);
        a.copy(nanos);
        a.copy(nanos);
        assertThat(next.result()).isEqualTo("next");
        assertThat(kept(c, a)).containsExactlyInAnyOrder("next", "refused");
    }

    private static String only(OneNode keeper, OneNode origin) throws IOException {
        try (Stream<Path> files = Files.list(keeper.data.resolve("outbox").resolve(origin.id))) {
            return files.findFirst().orElseThrow().getFileName().toString();
        }
    }

    /** New answers must not wait for a backlog of hours. */
    @Test
    void whatIsNewGoesBeforeWhatWaitsForTheStoreAlready() throws IOException {
        OneNode a = node("a");
        a.copy(nanos);
        for (int i = 0; i < 2_000; i++) {
            a.call("old" + i, 0);
        }
        OneNode b = node("b");
        a.copying.step();
        a.copying.step();
        pass(Duration.ofMillis(2));
        Future<String> fresh = a.call("fresh", 0);
        a.copying.step();
        a.copying.step();
        assertThat(fresh.result()).isEqualTo("fresh");
        assertThat(a.count("copied")).isLessThan(2_001);
        a.copy(nanos);
        assertThat(a.count("copied")).isEqualTo(2_001);
        assertThat(kept(b, a)).contains("old0", "old1999", "fresh");
    }

    @Test
    void aRecordLargerThanALetterIsCopiedAndSoIsWhatFollowsInTheNextFile() throws IOException {
        OneNode a = node("a");
        OneNode b = node("b");
        a.copy(nanos);
        for (int i = 0; i < 20; i++) {
            Future<String> large = a.call("large" + i + "x".repeat(1 << 20), 0);
            a.copy(nanos);
            assertThat(large.isComplete()).isTrue();
        }
        assertThat(a.data.resolve("journal").resolve("a-lane0-000001.log")).exists();
        assertThat(kept(b, a)).hasSize(20);
    }

    /** A record that the disk refuses has no place in the journal; it is copied when it has one. */
    @Test
    void whatWaitsForTheDiskIsCopiedWhenItIsWritten() throws IOException {
        OneNode a = node("a");
        OneNode b = node("b");
        a.copy(nanos);
        Path blocked = Files.writeString(Files.createDirectories(a.data).resolve("journal"), "no folder");
        assertThat(a.call("waits", 0).isComplete()).isTrue();
        Files.delete(blocked);
        a.call("next", 0);
        a.copy(nanos);
        assertThat(a.lanes.getFirst().noticed()).isFalse();
        assertThat(kept(b, a)).containsExactly("waits", "next");
    }

    @Test
    void aNodeThatLeavesInGoodOrderLeavesNothingToOthers() throws IOException {
        try (Ledger ledger = SqliteLedger.open(folder.resolve("tollgate.db"))) {
            OneNode a = node("a");
            OneNode b = node("b");
            a.copy(nanos);
            a.call("last", 0);
            a.copy(nanos);
            a.store(ledger);
            a.farewell();
            assertThat(kept(b, a)).isEmpty();
            gone(a);
            assertThat(b.storeOthers(ledger)).isZero();
            assertThat(ledger.logs(Map.of())).hasSize(1);
        }
    }
}
