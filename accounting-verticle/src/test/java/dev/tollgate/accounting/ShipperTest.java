package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Slate;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.outbox.Outbox;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.protocol.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShipperTest {
    @TempDir
    Path data;

    private final List<Syncer> syncers = new ArrayList<>();
    private final List<Shipper> shippers = new ArrayList<>();

    @AfterEach
    void end() {
        syncers.forEach(Syncer::close);
        shippers.forEach(shipper -> done(shipper.close()));
    }

    private static boolean refuses(Future<JsonArray> answer) {
        return done(answer.map(false).otherwise(true));
    }

    private static Future<JsonArray> logs(Shipper shipper, Map<String, String> filter) {
        return shipper.ask(ledger -> ledger.logs(filter));
    }

    private Path folder() {
        return data.resolve("journal");
    }

    private Outbox alone() {
        return new Outbox(data, new NoPeers("alone", "test"), new SimpleMeterRegistry());
    }

    private Shipper shipper(Journal... journals) {
        Syncer syncer = new Syncer();
        List.of(journals).forEach(syncer::add);
        syncers.add(syncer);
        Shipper shipper = new Shipper(folder(), syncer, alone(), () -> SqliteLedger.open(data.resolve("tollgate.db")));
        shipper.start();
        shippers.add(shipper);
        return shipper;
    }

    private Journal journal(String name, String... ids) {
        Journal journal = new Journal(folder(), name);
        Calls.records(ids).forEach(journal::append);
        return journal;
    }

    private static List<String> ids(Shipper shipper) {
        JsonArray rows = done(logs(shipper, Map.of()));
        return rows.stream()
                .map(row -> ((JsonObject) row).getString("request_id"))
                .sorted()
                .toList();
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(folder())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aQuestionSeesWhatWasJustWrittenAndTheFileInUseStays() throws IOException {
        Journal journal = journal("run-lane0", "a", "b");
        Shipper shipper = shipper(journal);
        assertThat(ids(shipper)).containsExactly("a", "b");
        Calls.records("c").forEach(journal::append);
        assertThat(ids(shipper)).containsExactly("a", "b", "c");
        assertThat(files()).containsExactly("run-lane0-000000.log");
    }

    @Test
    void otherNodesAreAnsweredWhileAFileHereCannotBeRead() throws Exception {
        Files.createDirectories(folder().resolve("no-file.log"));
        Shipper shipper = shipper();
        LedgerTwins twins = new LedgerTwins(new Mesh().join("one"), _ -> {}, InstantSource.system());
        shipper.keepAlike(twins);
        await().atMost(Duration.ofSeconds(60)).until(() -> !shipper.works());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> done(twins.handOver().map(true).otherwise(false)));
        assertThat(shipper.works()).isFalse();
    }

    /** Tables of very many rows may take hours to change; whoever asks meanwhile is told so after a while, and what they wanted is not done later. */
    @Test
    void whoAsksAStoreThatIsStillBeingOpenedIsToldSo() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger worked = new AtomicInteger();
        Syncer syncer = new Syncer();
        syncers.add(syncer);
        Shipper shipper = new Shipper(folder(), syncer, alone(), () -> {
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return SqliteLedger.open(data.resolve("tollgate.db"));
        });
        shipper.start();
        shippers.add(shipper);
        Future<Integer> asked = shipper.ask(_ -> worked.incrementAndGet());
        Future<Void> adjusted = shipper.adjust(Map.of(new Charge(Holder.ALL, 0), 7L));
        assertThat(done(asked.map("").otherwise(Throwable::getMessage))).contains("tables are being changed");
        assertThat(done(adjusted.map("").otherwise(Throwable::getMessage))).contains("tables are being changed");
        open.countDown();
        // Opening may take a while on a slow machine, and whoever asks then is told the same.
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> done(shipper.ask(Ledger::balances)).isEmpty());
        assertThat(worked).as("what nobody waits for any more is dropped").hasValue(0);
    }

    /** What {@code kill -9} leaves: a journal of another run, partly in the ledger, perhaps with a torn end. */
    @Test
    void whatAKilledRunLeftIsStoredOnceAndItsFileGoes() throws IOException {
        journal("killed-lane0", "a", "b", "c");
        byte[] file = Files.readAllBytes(folder().resolve("killed-lane0-000000.log"));
        Shipper shipper = shipper(journal("next-lane0", "d"));
        assertThat(ids(shipper)).containsExactly("a", "b", "c", "d");
        assertThat(files()).containsExactly("next-lane0-000000.log");
        Files.write(folder().resolve("killed-lane0-000000.log"), file);
        assertThat(ids(shipper)).as("the same file once more").containsExactly("a", "b", "c", "d");
        Files.write(folder().resolve("killed-lane0-000001.log"), Arrays.copyOf(file, file.length - 1));
        assertThat(ids(shipper)).containsExactly("a", "b", "c", "d");
        assertThat(files())
                .as("bytes that are no record are kept")
                .containsExactly("killed-lane0-000001.log.damaged", "next-lane0-000000.log");
    }

    /** What is in a journal is right; what stands on a slate only is all that is known of a call. */
    @Test
    void callsThatWereUnderWayAtAKillAreStoredOnceAndTheirFileGoes() throws IOException {
        journal("killed-lane0", "a");
        Slate slate = new Slate(folder().resolve("killed-lane0.slate"));
        for (String id : List.of("a", "b", "c")) {
            Slate.Entry entry = slate.write(Calls.row(id, "hash", "anna", "gpt-4o", 1_767_225_600_000L, 70)
                    .record());
            if (id.equals("c")) {
                slate.wipe(Objects.requireNonNull(entry));
            }
        }
        byte[] file = Files.readAllBytes(folder().resolve("killed-lane0.slate"));
        Slate own = new Slate(folder().resolve("next-lane0.slate"));
        own.write(Calls.records("not-over").findFirst().orElseThrow());
        Shipper shipper = shipper(journal("next-lane0", "d"));
        assertThat(ids(shipper)).containsExactly("a", "b", "d");
        assertThat(spends(shipper)).containsExactly("a 1.5E-6", "b 7.0E-8", "d 1.5E-6");
        assertThat(files()).containsExactly("next-lane0-000000.log", "next-lane0.slate");
        Files.write(folder().resolve("killed-lane0.slate"), file);
        done(shipper.close());
        assertThat(spends(shipper(journal("later-lane0", "e"))))
                .as("the same slate once more, which died before it went")
                .contains("a 1.5E-6", "b 7.0E-8")
                .hasSize(5);
    }

    private static List<String> spends(Shipper shipper) {
        return done(logs(shipper, Map.of())).stream()
                .map(JsonObject.class::cast)
                .map(row -> row.getString("request_id") + " " + row.getDouble("spend"))
                .sorted()
                .toList();
    }

    @Test
    void aSlateThatCannotBeReadHoldsNothingUp() throws IOException {
        Files.createDirectories(folder().resolve("killed-lane0.slate"));
        Slate slate = new Slate(folder().resolve("killed-lane1.slate"));
        slate.write(Calls.records("a").findFirst().orElseThrow());
        Shipper shipper = shipper(journal("next-lane0", "b"));
        done(shipper.balances());
        assertThat(ids(shipper)).containsExactly("a", "b");
    }

    @Test
    void aSlateWaitsForAJournalThatCannotBeRead() throws IOException {
        Files.createDirectories(folder().resolve("killed-lane0-000000.log"));
        Slate slate = new Slate(folder().resolve("killed-lane0.slate"));
        slate.write(Calls.records("a").findFirst().orElseThrow());
        Shipper shipper = shipper();
        List<Balance> balances = done(shipper.balances());
        assertThat(balances).as("which hold nothing else up").isEmpty();
        assertThat(ids(shipper)).isEmpty();
        assertThat(files()).contains("killed-lane0.slate");
    }

    @Test
    void aRestartGoesOnWhereTheLastRunStopped() throws IOException {
        Journal journal = journal("first-lane0", "a", "b");
        assertThat(ids(shipper(journal))).containsExactly("a", "b");
        end();
        syncers.clear();
        shippers.clear();
        assertThat(files()).isEmpty();
        assertThat(ids(shipper(journal("second-lane0", "b", "c")))).containsExactly("a", "b", "c");
    }

    @Test
    void rowsBehindADamagedPlaceAreStoredAndTheFileIsKept() throws IOException {
        journal("killed-lane0", "a", "b", "c");
        Path file = folder().resolve("killed-lane0-000000.log");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 0x7f;
        Files.write(file, bytes);
        assertThat(ids(shipper())).containsExactly("a", "c");
        assertThat(files()).containsExactly("killed-lane0-000000.log.damaged");
    }

    @Test
    void aRecordOfALaterVersionHoldsNothingUpAndIsKept() throws IOException {
        Journal journal = journal("killed-lane0", "a");
        var later = Calls.record(Calls.row("later")).setByte(0, (byte) 9);
        journal.append(later);
        Calls.records("b").forEach(journal::append);
        journal("other-lane0", "c");
        assertThat(ids(shipper())).containsExactly("a", "b", "c");
        assertThat(files()).containsExactly("killed-lane0-000000.log.damaged");
    }

    @Test
    void aFullFileGoesWhenItIsStoredAndItsSuccessorStays() throws IOException {
        Journal journal = new Journal(folder(), "run-lane0");
        Shipper shipper = shipper(journal);
        SpendRow usual = Calls.row("x");
        int count = 0;
        for (; !Files.exists(folder().resolve("run-lane0-000001.log")); count++) {
            SpendRow large = new SpendRow(
                    "id" + count,
                    "c",
                    null,
                    null,
                    null,
                    null,
                    "",
                    "m",
                    "",
                    "",
                    "",
                    "",
                    "t".repeat(200_000),
                    "",
                    null,
                    Usage.of(1, 1),
                    1,
                    true,
                    false,
                    200,
                    usual.startedAtMillis(),
                    1,
                    -1,
                    List.of(),
                    null);
            journal.append(Calls.record(large));
            if (count % 10 == 0) {
                assertThat(ids(shipper)).hasSize(count + 1);
            }
        }
        assertThat(ids(shipper)).hasSize(count);
        assertThat(files()).containsExactly("run-lane0-000001.log");
        Calls.records("after").forEach(journal::append);
        assertThat(ids(shipper)).hasSize(count + 1).contains("after");
    }

    @Test
    void manyWritersAndAnEagerShipperLoseAndDoubleNothing() throws Exception {
        List<Journal> journals = new ArrayList<>();
        for (int lane = 0; lane < 3; lane++) {
            journals.add(new Journal(folder(), "run-lane" + lane));
        }
        Shipper shipper = shipper(journals.toArray(Journal[]::new));
        List<Thread> lanes = new ArrayList<>();
        for (int lane = 0; lane < 3; lane++) {
            int number = lane;
            lanes.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 100; i++) {
                    SpendRow row = Calls.row(number + "-" + i, "k".repeat(200_000), "u", "m", i, 1);
                    journals.get(number).append(Calls.record(row));
                }
            }));
        }
        while (lanes.stream().anyMatch(Thread::isAlive)) {
            done(logs(shipper, Map.of("request_id", "none")));
        }
        for (Thread lane : lanes) {
            lane.join();
        }
        JsonArray sums = done(logs(shipper, Map.of("start_date", "1970-01-01", "end_date", "1970-01-01")));
        assertThat(sums.getJsonObject(0).getDouble("spend")).isEqualTo(300e-9);
    }

    @Test
    void whileTheStoreIsLockedTheJournalGrowsAndNothingIsLost() throws SQLException, IOException {
        SqliteLedger.open(data.resolve("tollgate.db")).close();
        Journal journal = journal("run-lane0", "a");
        Shipper shipper = shipper(journal);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN EXCLUSIVE");
            Future<JsonArray> refused = logs(shipper, Map.of());
            assertThat(refuses(refused)).isTrue();
            Calls.records("b").forEach(journal::append);
            assertThat(files()).hasSize(1);
            statement.execute("ROLLBACK");
        }
        assertThat(ids(shipper)).containsExactly("a", "b");
    }

    @Test
    void aStoreThatCannotBeOpenedIsTriedAgain() throws IOException {
        Path database = data.resolve("tollgate.db");
        Files.writeString(database, "this is no database, but long enough to be taken for one".repeat(20));
        Journal journal = journal("run-lane0", "a");
        Shipper shipper = shipper(journal);
        assertThat(refuses(logs(shipper, Map.of()))).isTrue();
        await().atMost(10, TimeUnit.SECONDS).until(() -> !shipper.works());
        Files.delete(database);
        assertThat(ids(shipper)).containsExactly("a");
        await().atMost(20, TimeUnit.SECONDS).until(shipper::works);
    }

    /** What this node kept for another one while it was in a cluster; some of it is stored already. */
    @Test
    void whatANodeLeftThatIsGoneIsStoredOnceAndItsCopiesGo() throws IOException {
        Journal others = new Journal(data.resolve("elsewhere"), "other-lane0");
        for (String id : List.of("a", "b", "c")) {
            spend(others, id);
        }
        Path kept = Files.createDirectories(data.resolve("outbox").resolve("other"));
        Path file = kept.resolve("other-lane0-000000.0.0123abcd.log");
        Files.copy(data.resolve("elsewhere").resolve("other-lane0-000000.log"), file);
        Path unreadable = Files.createDirectory(kept.resolve("a-lane0-000000.0.0123abcd.log"));
        Journal mine = journal("run-lane0");
        spend(mine, "b");
        Shipper shipper = shipper(mine);
        await().atMost(20, TimeUnit.SECONDS).until(() -> !Files.exists(file));
        Files.delete(unreadable);
        await().atMost(20, TimeUnit.SECONDS).until(() -> !Files.exists(kept));
        assertThat(ids(shipper)).containsExactly("a", "b", "c");
        done(shipper.balances());
        assertThat(done(shipper.balances())).containsExactly(new Balance(ALL, 4_500));
    }

    private static final Charge ALL = new Charge(Holder.ALL, 0);

    private static void spend(Journal journal, String id) {
        journal.append(Calls.record(Calls.charged(Calls.row(id), ALL)));
    }

    /** Calls of this run are counted in memory: they must not be in what that is added to, however soon they were stored. */
    @Test
    void theFirstBalancesAreThoseOfEarlierRunsAndLaterOnesOfAllThatIsStored() {
        Journal earlier = journal("killed-lane0");
        spend(earlier, "a");
        spend(earlier, "b");
        Journal mine = journal("run-lane0");
        spend(mine, "c");
        Shipper shipper = shipper(mine);
        assertThat(ids(shipper)).containsExactly("a", "b", "c");
        done(shipper.adjust(Map.of(ALL, 7L)));
        assertThat(done(shipper.balances())).containsExactly(new Balance(ALL, 3_000));
        spend(mine, "d");
        assertThat(done(shipper.balances())).containsExactly(new Balance(ALL, 6_007));
    }

    @Test
    void balancesWaitForAStoreThatIsAwayAndAChangeIsRefused() throws IOException {
        Path database = data.resolve("tollgate.db");
        Files.writeString(database, "this is no database, but long enough to be taken for one".repeat(20));
        spend(journal("killed-lane0"), "a");
        Shipper shipper = shipper();
        Future<List<Balance>> balances = shipper.balances();
        assertThat(shipper.adjust(Map.of(ALL, 1L)))
                .satisfies(refused -> assertThat(done(refused.map("").otherwise(Throwable::getMessage)))
                        .contains("spend store cannot be"));
        assertThat(balances.isComplete()).isFalse();
        Files.delete(database);
        assertThat(done(balances)).containsExactly(new Balance(ALL, 1_500));
    }

    @Test
    void aFinishedRunClosesItsStoreAndRefusesQuestionsAfterwards() {
        Shipper shipper = shipper(journal("run-lane0", "a"));
        syncers.getFirst().close();
        done(shipper.close());
        assertThat(logs(shipper, Map.of()).failed()).isTrue();
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(ledger.logs(Map.of())).hasSize(1);
            assertThat(ledger.position("run-lane0-000000.log"))
                    .as("forgotten with its file")
                    .isZero();
        }
    }
}
