package dev.tollgate.accounting.outbox;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spend survives the loss of a node with its disk: what is in a node's journal and not in the store yet is on a second node, too,
 * before the last byte of the answer leaves, and that node stores it when the first is gone. See decision 0015.
 *
 * <p>A node that stands alone copies nothing; it only stores what it kept for others when it was not alone.
 */
public final class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Peers peers;
    private final Keeping keeping;
    private final @Nullable Copying copying;
    private final @Nullable Thread thread;
    private final @Nullable ExecutorService writing;
    private final Promise<Void> ended = Promise.promise();
    private volatile boolean stopped;

    /**
     * Listens and sends from now on, when there is a cluster.
     *
     * @param data the node's folder
     */
    public Outbox(Path data, Peers peers, MeterRegistry metrics) {
        this.peers = peers;
        if (peers.state() == Peers.State.ALONE) {
            keeping = new Keeping(folder(data), peers, Runnable::run);
            copying = null;
            thread = null;
            writing = null;
            return;
        }
        writing = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("tollgate-keeper").daemon().factory());
        keeping = new Keeping(folder(data), peers, writing);
        keeping.listen();
        Copying made = new Copying(
                peers,
                data.resolve("journal"),
                new CopyCounts(metrics, System::nanoTime),
                this::wake,
                System::nanoTime);
        copying = made;
        Gauge.builder("tollgate_outbox_waiting", made, Copying::waiting).register(metrics);
        thread = Thread.ofPlatform().name("tollgate-outbox").daemon().unstarted(() -> run(made));
        thread.start();
    }

    private static Path folder(Path data) {
        return data.resolve("outbox");
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    private void run(Copying work) {
        while (!stopped) {
            try {
                LockSupport.parkNanos(work.step());
            } catch (RuntimeException | Error e) {
                // Whatever it is: without this thread each answer would wait for its copy in vain, and the end for
                // ever.
                LOG.error("Copies of spend are not sent for a moment", e);
                LockSupport.parkNanos(FAREWELL.toNanos());
            }
        }
        try {
            work.close();
            takeLeave(work.farewell());
        } catch (RuntimeException | Error e) {
            LOG.error("Other nodes are not told what is stored", e);
            ended.tryComplete();
        }
    }

    private void takeLeave(@Nullable Letter farewell) {
        if (farewell == null) {
            ended.complete();
        } else {
            peers.announce(farewell, FAREWELL, EnumSet.of(Role.ACCOUNTING)).onComplete(_ -> ended.complete());
        }
    }

    /** For one lane's journal; null: nothing is copied. {@code loop} runs things on the lane's event loop. */
    public @Nullable LaneCopies lane(Journal journal, Executor loop) {
        return copying == null ? null : copying.lane(journal, loop);
    }

    /** How far journals are stored, by their names; see {@link dev.tollgate.accounting.journal.Mark}. */
    public void stored(Map<String, Long> marks) {
        if (copying != null) {
            copying.stored(marks);
        }
    }

    /**
     * A file of another node that is gone.
     *
     * @param file as a journal's
     * @param from where what is not stored begins, in bytes
     */
    public record Left(Path file, long from) {}

    /** What is to be stored here now, since the nodes that wrote it are gone. */
    public List<Left> left() throws IOException {
        return keeping.due();
    }

    /** Brings copies of other nodes' spend to the disk; from the syncing thread. */
    public void sync() {
        keeping.sync();
    }

    /** Takes no copies any more, so that other nodes look for another keeper. */
    public void leaving() {
        keeping.close();
    }

    /** Tells the others what is stored, and ends. */
    public Future<Void> close() {
        keeping.close();
        if (writing == null) {
            return Future.succeededFuture();
        }
        stopped = true;
        wake();
        return ended.future().onComplete(_ -> writing.shutdown());
    }
}
