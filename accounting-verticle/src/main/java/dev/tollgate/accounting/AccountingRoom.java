package dev.tollgate.accounting;

import dev.tollgate.accounting.book.BookCopy;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.EveryAccount;
import dev.tollgate.accounting.book.FileKeys;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StoredBook;
import dev.tollgate.accounting.bring.LiteLlmImport;
import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.limit.PresentPeriods;
import dev.tollgate.accounting.outbox.Outbox;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.stored.StoreLook;
import dev.tollgate.cluster.Bring;
import dev.tollgate.cluster.InStore;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Reprice;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The accounting role: one price list, journal folder and store a node, one journal a lane. */
public final class AccountingRoom implements Room {
    private static final Logger LOG = LoggerFactory.getLogger(AccountingRoom.class);

    private volatile @Nullable Opened opened;

    private @Nullable Shared shared;

    private record Opened(
            PriceList prices, Syncer syncer, Outbox outbox, FileChannel lock, String run, List<String> earlierIds) {}

    @Override
    public Role role() {
        return Role.ACCOUNTING;
    }

    @Override
    public Future<Void> open(Node node) {
        return node.vertx().executeBlocking(() -> prepare(node)).mapEmpty();
    }

    private Opened prepare(Node node) throws IOException {
        FileChannel lock = locked(node.data());
        Syncer syncer = new Syncer();
        Outbox outbox = new Outbox(node.data(), node.peers(), node.metrics());
        syncer.also(outbox::sync);
        Opened room = new Opened(PriceList.load(), syncer, outbox, lock, run(node.peers()), earlierIds(node));
        opened = room;
        return room;
    }

    private static List<String> earlierIds(Node node) {
        return node.peers().state() == Peers.State.ALONE
                ? List.of()
                : EarlierIds.note(node.data(), node.peers().self());
    }

    /**
     * Nodes that began in the same millisecond may share a store, which knows journals by their names. Whoever brings a journal of a run that is
     * over knows by its name which node of the cluster that was ({@link EarlierRuns}).
     */
    private static String run(Peers peers) {
        String node = peers.self();
        return Long.toString(System.currentTimeMillis(), 36) + "-" + node.substring(0, Math.min(8, node.length()));
    }

    private static Ledger ledger(@Nullable StoreUrl store, Path data, Peers peers) {
        return store == null && peers.state() != Peers.State.ALONE
                ? SqliteLedger.openTogether(data.resolve("tollgate.db"))
                : ledger(store, data);
    }

    private static Ledger ledger(@Nullable StoreUrl store, Path data) {
        return store == null ? SqliteLedger.open(data.resolve("tollgate.db")) : ServerLedger.of(store);
    }

    /** Made with the first lane: the store is the configuration's that the program began with. */
    private synchronized Shared shared(Lane lane, Opened room) {
        Shared made = shared;
        if (made == null) {
            StoreUrl store = lane.config().general().store();
            Path data = lane.node().data();
            Shipper shipper = new Shipper(
                    data.resolve("journal"),
                    room.syncer(),
                    room.outbox(),
                    () -> ledger(store, data, lane.node().peers()));
            made = new Shared(lane, shipper, book(store, data, lane.node().peers()), room.earlierIds());
            shipper.tell(made::delivered);
            shared = made;
            Shipper retaining = made.shipper();
            lane.onConfig(next -> {
                retaining.retain(next.general().retention());
                if (!Objects.equals(next.general().store(), store)) {
                    LOG.warn(
                            "Another DATABASE_URL is used from the next start on; until then spend goes where it went");
                }
            });
        }
        return made;
    }

    private static StoredBook book(@Nullable StoreUrl store, Path data, Peers peers) {
        InstantSource clock = InstantSource.system();
        if (store == null) {
            return new StoredBook(() -> embedded(data, peers), clock, peers);
        }
        BookCopy copy = new BookCopy(data.resolve("definitions.json"), store + " " + store.schema());
        return new StoredBook(() -> definitions(store, data), copy, clock, peers);
    }

    private static SqliteDefinitions embedded(Path data, Peers peers) {
        Path file = data.resolve("tollgate.db");
        return peers.state() == Peers.State.ALONE ? SqliteDefinitions.open(file) : SqliteDefinitions.openTogether(file);
    }

    private static Definitions definitions(@Nullable StoreUrl store, Path data) {
        return store == null ? SqliteDefinitions.open(data.resolve("tollgate.db")) : ServerDefinitions.of(store);
    }

    @Override
    public List<String> verify(Snapshot config, Path data, Consumer<String> remarks) {
        try (Ledger ledger = ledger(config.general().store(), data)) {
            return ledger.verify(remarks);
        }
    }

    @Override
    public List<String> reprice(Snapshot config, Path data, Reprice order) {
        StoreUrl store = config.general().store();
        try (Ledger ledger = ledger(store, data);
                Definitions definitions = definitions(store, data)) {
            return new Repricing(
                            ledger,
                            payers -> {
                                Map<String, JsonObject> keys = FileKeys.documents(config.virtualKeys());
                                PresentPeriods present =
                                        new PresentPeriods(config, EveryAccount.of(definitions, keys), Instant.now());
                                payers.begin(present.began(), present.members());
                                payers.learn(definitions);
                                keys.forEach((hash, key) -> payers.learn(Kind.KEY, hash, key));
                            },
                            new Prices(PriceList.load()),
                            config.models())
                    .run(order);
        }
    }

    @Override
    public InStore stored(Snapshot config, Path data) {
        StoreUrl store = config.general().store();
        Path file = data.resolve("tollgate.db");
        if (store == null && !Files.exists(file)) {
            return InStore.NOTHING;
        }
        try (Definitions definitions =
                store == null ? SqliteDefinitions.toLook(file) : ServerDefinitions.toLook(store)) {
            return StoreLook.of(definitions, config);
        } catch (RuntimeException e) {
            return InStore.unknown(String.valueOf(e.getMessage()));
        }
    }

    /** A gateway that runs on the embedded store would count on by what it has in memory, so it must not run meanwhile. */
    @Override
    public List<String> bring(Snapshot config, Path data, Bring order) {
        LiteLlmImport work = new LiteLlmImport(config, data.resolve("tollgate.db"), InstantSource.system());
        if (!order.apply() || config.general().store() != null) {
            return work.run(order);
        }
        try (FileChannel _ = locked(data)) {
            return work.run(order);
        } catch (IOException e) {
            throw new UncheckedIOException("Nothing was brought: " + e.getMessage() + " or stop it", e);
        }
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
        return new AccountingVerticle(lane, room.prices(), journal, room.outbox(), shared(lane, room));
    }

    @Override
    public synchronized Future<Void> close(Node node) {
        Opened room = opened;
        if (room == null) {
            return Future.succeededFuture();
        }
        room.syncer().close();
        room.outbox().leaving();
        Future<Void> shipped = shared == null ? Future.succeededFuture() : shared.close(node);
        return shipped.eventually(room.outbox()::close).onComplete(_ -> {
            try {
                room.lock().close();
            } catch (IOException _) {
                // The lock goes with the process.
            }
        });
    }
}
