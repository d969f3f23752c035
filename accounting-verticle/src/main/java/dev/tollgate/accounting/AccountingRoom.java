package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The accounting role: one price list, journal folder and store a node, one journal a lane. */
public final class AccountingRoom implements Room {
    private volatile @Nullable Opened opened;

    private record Opened(PriceList prices, Syncer syncer, Shipper shipper, FileChannel lock, String run) {}

    @Override
    public Role role() {
        return Role.ACCOUNTING;
    }

    @Override
    public Future<Void> open(Node node) {
        return node.vertx().executeBlocking(() -> prepare(node.data())).mapEmpty();
    }

    private Opened prepare(Path data) throws IOException {
        FileChannel lock = locked(data);
        Syncer syncer = new Syncer();
        Shipper shipper =
                new Shipper(data.resolve("journal"), syncer, () -> SqliteLedger.open(data.resolve("tollgate.db")));
        Opened room =
                new Opened(PriceList.load(), syncer, shipper, lock, Long.toString(System.currentTimeMillis(), 36));
        opened = room;
        return room;
    }

    private static FileChannel locked(Path data) throws IOException {
        try {
            Files.createDirectories(data);
            return lock(data);
        } catch (FileSystemException e) {
            throw new IOException(
                    "the data folder " + data.toAbsolutePath() + " cannot be written (" + e
                            + "); name another one with TOLLGATE_DATA",
                    e);
        }
    }

    /** Two programs on one data folder would delete each other's journals. */
    private static FileChannel lock(Path data) throws IOException {
        FileChannel channel =
                FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another Tollgate uses the data folder " + data.toAbsolutePath()
                    + "; give this one its own with TOLLGATE_DATA");
        }
        return channel;
    }

    @Override
    public Deployable onLane(Lane lane) {
        Opened room = opened;
        if (room == null) {
            throw new IllegalStateException("A lane before its node");
        }
        Journal journal = new Journal(lane.node().data().resolve("journal"), room.run() + "-lane" + lane.number());
        room.syncer().add(journal);
        return new AccountingVerticle(lane, room.prices(), journal, room.shipper());
    }

    @Override
    public Future<Void> close(Node node) {
        Opened room = opened;
        if (room == null) {
            return Future.succeededFuture();
        }
        room.syncer().close();
        return room.shipper().close().onComplete(_ -> {
            try {
                room.lock().close();
            } catch (IOException _) {
                // The lock goes with the process.
            }
        });
    }
}
