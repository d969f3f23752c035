package dev.tollgate.accounting.outbox;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.Delivery;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.Peers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A node's journals, copies and deliveries, one step at a time and without threads of its own. */
final class OneNode implements AutoCloseable {
    final String id;
    final Path data;
    final Mesh.Member peers;
    final Copying copying;
    final Keeping keeping;
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final List<LaneCopies> lanes = new ArrayList<>();
    private final List<Journal> journals = new ArrayList<>();
    private final Syncer syncer = new Syncer();
    private final Delivery delivery;

    /** {@code seen} stands between the node and the others. */
    OneNode(Mesh mesh, String id, Path data, AtomicLong nanos, UnaryOperator<Peers> seen) {
        this(mesh, id, data, nanos, seen, () -> {});
    }

    /** {@code wake} is what would wake a thread that copies. */
    OneNode(Mesh mesh, String id, Path data, AtomicLong nanos, UnaryOperator<Peers> seen, Runnable wake) {
        this.id = id;
        this.data = data;
        this.peers = mesh.join(id);
        Peers others = seen.apply(peers);
        this.keeping = new Keeping(data.resolve("outbox"), others, Runnable::run);
        keeping.listen();
        this.copying =
                new Copying(others, data.resolve("journal"), new CopyCounts(metrics, nanos::get), wake, nanos::get);
        for (int lane = 0; lane < 2; lane++) {
            Journal journal = new Journal(data.resolve("journal"), id + "-lane" + lane);
            journals.add(journal);
            syncer.add(journal);
            lanes.add(copying.lane(journal, Runnable::run));
        }
        this.delivery = new Delivery(data.resolve("journal"), syncer);
    }

    OneNode(Mesh mesh, String id, Path data, AtomicLong nanos) {
        this(mesh, id, data, nanos, peers -> peers);
    }

    /** A call is over; completes when its answer may leave. */
    Future<String> call(String call, int lane) {
        return call(call, lane, Calls.row(call));
    }

    Future<String> call(String call, int lane, SpendRow row) {
        return calls(List.of(call), lane, List.of(row)).getFirst();
    }

    /** Several calls, whose records are written at once. */
    List<Future<String>> calls(List<String> calls, int lane, List<SpendRow> rows) {
        boolean written =
                journals.get(lane).append(rows.stream().map(Calls::record).toList());
        return calls.stream()
                .map(call -> written ? lanes.get(lane).copied(call) : Future.succeededFuture(call))
                .toList();
    }

    /** Until there is nothing more to do. */
    void copy(AtomicLong nanos) {
        for (int i = 0; i < 12; i++) {
            nanos.addAndGet(Duration.ofMillis(1).toNanos());
            copying.step();
        }
    }

    void store(Ledger ledger) throws IOException {
        try {
            delivery.all(ledger);
        } finally {
            copying.stored(delivery.stored());
        }
    }

    /** What nodes left that are gone. */
    int storeOthers(Ledger ledger) throws IOException {
        List<Outbox.Left> left = keeping.due();
        for (Outbox.Left each : left) {
            Delivery.bring(each.file(), each.from(), true, ledger);
        }
        return left.size();
    }

    /** What the last letter of a node that leaves in good order says. */
    void farewell() {
        Letter last = copying.farewell();
        if (last != null) {
            peers.announce(last, Duration.ofSeconds(1)).await();
        }
    }

    double count(String name) {
        return metrics.counter("tollgate_outbox_" + name).count();
    }

    /** As a kill leaves it: what was written is in the files. */
    @Override
    public void close() {
        keeping.close();
        copying.close();
        syncer.close();
    }
}
