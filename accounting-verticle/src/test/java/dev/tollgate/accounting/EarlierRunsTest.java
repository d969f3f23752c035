package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Slate;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.outbox.Outbox;
import dev.tollgate.cluster.NoPeers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierRunsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path data;

    private final List<Syncer> syncers = new ArrayList<>();
    private final List<Shipper> shippers = new ArrayList<>();

    /** What other nodes were told, run by run. */
    private final Queue<Set<String>> told = new ConcurrentLinkedQueue<>();

    private final Promise<Void> nobodyAnswers = Promise.promise();

    @AfterEach
    void end() {
        syncers.forEach(Syncer::close);
        shippers.forEach(shipper -> done(shipper.close()));
    }

    private Path folder() {
        return data.resolve("journal");
    }

    private Journal journal(String name, String... ids) {
        Journal journal = new Journal(folder(), name);
        Calls.records(ids).forEach(journal::append);
        return journal;
    }

    private void slate(String name, String id) {
        new Slate(folder().resolve(name + Slate.SUFFIX))
                .write(Calls.records(id).findFirst().orElseThrow());
    }

    private Ledger opened() {
        return SqliteLedger.open(data.resolve("tollgate.db"));
    }

    private Shipper shipper(Journal present, Supplier<Ledger> opening, Future<Void> answered) {
        Syncer syncer = new Syncer();
        syncer.add(present);
        syncers.add(syncer);
        Outbox outbox = new Outbox(data, new NoPeers("alone", "test"), new SimpleMeterRegistry());
        Shipper shipper = new Shipper(folder(), syncer, outbox, opening);
        shipper.tellEarlier(new EarlierRuns(data.resolve("earlier-runs"), runs -> {
            told.add(runs);
            return answered;
        }));
        shipper.start();
        shippers.add(shipper);
        return shipper;
    }

    private Shipper shipper(Journal present, Future<Void> answered) {
        return shipper(present, this::opened, answered);
    }

    private static int rows(Shipper shipper) {
        return done(shipper.ask(ledger -> ledger.logs(Map.of()).size()));
    }

    @Test
    void othersAreToldOfWhatKilledRunsLeftButNotOfThisRunsCalls() {
        journal("k1-aaaaaaaa-lane0", "a", "b");
        slate("k1-aaaaaaaa-lane1", "c");
        slate("k2-bbbbbbbb-lane0", "d");
        Shipper shipper = shipper(journal("k3-cccccccc-lane0", "e"), Future.succeededFuture());
        assertThat(rows(shipper)).isEqualTo(5);
        assertThat(told).containsExactly(Set.of("aaaaaaaa", "bbbbbbbb"));
    }

    @Test
    void nothingIsToldWhereNothingWasLeft() {
        Shipper shipper = shipper(journal("k3-cccccccc-lane0", "e"), Future.succeededFuture());
        assertThat(rows(shipper)).isEqualTo(1);
        assertThat(told).isEmpty();
        assertThat(data.resolve("earlier-runs")).doesNotExist();
    }

    @Test
    void whatNotAllHaveHeardIsToldAgainByTheNextRunThoughNothingIsLeft() throws Exception {
        slate("k1-aaaaaaaa-lane0", "a");
        Shipper killed = shipper(journal("k2-bbbbbbbb-lane0"), nobodyAnswers.future());
        done(killed.balances());
        assertThat(Files.readAllLines(data.resolve("earlier-runs"))).containsExactly("aaaaaaaa");
        done(killed.close());

        Shipper next = shipper(journal("k3-cccccccc-lane0"), Future.succeededFuture());
        done(next.balances());
        assertThat(told).containsExactly(Set.of("aaaaaaaa"), Set.of("aaaaaaaa"));
        await().atMost(SOON)
                .until(() -> Files.readAllLines(data.resolve("earlier-runs")).isEmpty());

        done(shipper(journal("k4-dddddddd-lane0"), Future.succeededFuture()).balances());
        assertThat(told).hasSize(2);
    }

    @Test
    void nothingIsToldBeforeTheStoreHasTakenIt() {
        slate("k1-aaaaaaaa-lane0", "a");
        AtomicBoolean away = new AtomicBoolean(true);
        Shipper shipper = shipper(
                journal("k2-bbbbbbbb-lane0"),
                () -> {
                    if (away.get()) {
                        throw new IllegalStateException("It is away");
                    }
                    return opened();
                },
                Future.succeededFuture());
        await().atMost(SOON).until(() -> !shipper.works());
        assertThat(told).isEmpty();
        away.set(false);
        await().atMost(SOON).until(() -> !told.isEmpty());
        assertThat(rows(shipper)).isEqualTo(1);
        assertThat(told).containsExactly(Set.of("aaaaaaaa"));
    }

    /** There is something in the way of its next name, as there may be a right missing to delete one. */
    @Test
    void aFileThatIsStoredAndCannotGoIsToldOnceAndThenOnlyWhatIsNewInIt() throws Exception {
        journal("k1-aaaaaaaa-lane0", "a", "b");
        Path stays = folder().resolve("k1-aaaaaaaa-lane0-000000.log");
        damage(stays);
        Files.createDirectories(
                stays.resolveSibling(stays.getFileName() + ".damaged").resolve("in the way"));
        Shipper shipper = shipper(journal("k9-cccccccc-lane0"), Future.succeededFuture());
        await().atMost(SOON).until(() -> told.contains(Set.of("aaaaaaaa")));
        assertThat(stays).exists();

        journal("k2-bbbbbbbb-lane0", "c");
        await().atMost(SOON).until(() -> told.stream().anyMatch(runs -> runs.contains("bbbbbbbb")));
        assertThat(told).containsExactly(Set.of("aaaaaaaa"), Set.of("bbbbbbbb"));

        Path other = data.resolve("elsewhere");
        Calls.records("d").forEach(new Journal(other, "x")::append);
        Files.write(stays, Files.readAllBytes(other.resolve("x-000000.log")), StandardOpenOption.APPEND);
        await().atMost(SOON).until(() -> told.size() == 3);
        assertThat(told).last().isEqualTo(Set.of("aaaaaaaa"));
        assertThat(rows(shipper)).isEqualTo(4);
    }

    private static void damage(Path file) throws IOException {
        Files.write(file, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    }
}
