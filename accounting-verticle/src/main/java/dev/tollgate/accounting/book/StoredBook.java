package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.BookKeeper.Written;
import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The book of one node. A thread of its own is the only one that asks the store; another one takes over what is new without it, so that
 * neither a change of the file nor another node's news wait for a store that hangs. Reading needs neither. While the store is away,
 * reading goes on and writing fails.
 */
public final class StoredBook implements Book, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoredBook.class);
    private static final int MOST_ID_BYTES = 512;

    private static final long CLOSE_SECONDS = 10;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-book").daemon().factory());
    private final ExecutorService news = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("tollgate-book-news").factory());
    private final BookMemory memory = new BookMemory();
    private final BookKeeper keeper;
    private final Herald herald;
    private volatile Function<Set<Kind>, Future<Void>> inForce = _ -> Future.succeededFuture();

    /** A book whose entries are in a store of this node's own, which {@code opening} opens; it is asked again when that fails. */
    public StoredBook(Supplier<? extends StampedDefinitions> opening, InstantSource clock) {
        this(opening, clock, new NoPeers("", ""));
    }

    /** The same in a cluster, whose nodes have a store each: what one writes, all keep. */
    public StoredBook(Supplier<? extends StampedDefinitions> opening, InstantSource clock, Peers peers) {
        if (peers.state() == Peers.State.ALONE) {
            this.keeper = new BookKeeper(opening, null, clock, thread, memory);
            this.herald = new StoreHerald(keeper, memory, peers, news, this::inForce);
        } else {
            TwinStore twin = new TwinStore(opening, clock);
            this.keeper = new BookKeeper(twin::open, null, clock, thread, memory);
            this.herald = new TwinHerald(keeper, twin, peers, thread, this::inForce);
        }
    }

    /** A book whose entries are in a store that other nodes may use as well; the members of the cluster tell each other at once. */
    public StoredBook(Supplier<Definitions> opening, BookCopy copy, InstantSource clock, Peers peers) {
        this.keeper = new BookKeeper(opening, copy, clock, thread, memory);
        this.herald = new StoreHerald(keeper, memory, peers, news, this::inForce);
    }

    private Future<Void> inForce(Set<Kind> kinds) {
        return inForce.apply(kinds);
    }

    /** Begins to load. {@code changed} runs whenever anything has changed, one at a time; it must not block. */
    public void start(Runnable changed) {
        memory.onChange(changed);
        thread.execute(() -> {
            try {
                keeper.start();
            } catch (RuntimeException | Error e) {
                LOG.error("Keys, users and teams could not be read at the start", e);
            } finally {
                herald.start();
            }
        });
    }

    /**
     * Asked when another node's news are known, with their kinds; that node is answered when this completes. When it fails, the change
     * counts as not in force here.
     */
    public void confirmWhen(Function<Set<Kind>, Future<Void>> newsAreInForce) {
        inForce = newsAreInForce;
    }

    /** Whether the entries are there, of the store or of the copy. Until then only keys of the configuration are known. */
    public boolean readable() {
        return memory.readable();
    }

    /**
     * Whether the entries are those of the cluster: where each node has a store of its own, one that comes fetches what it lacks from those that
     * are there. One that does not answer is waited for until half a minute has passed.
     */
    public boolean caughtUp() {
        return herald.caughtUp();
    }

    @Override
    public void known(Duration longest) throws Unavailable {
        try {
            if (memory.readableWithin(longest)) {
                return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        throw new Unavailable(
                "The store has not said yet which keys, users and teams there are; the log says why, and it is asked again");
    }

    /**
     * Keys of the configuration, in place of those it had before: they exist in memory alone and hide those of the store.
     *
     * @param keys document by hash
     * @return done when they hold
     */
    public Future<Void> fix(Map<String, JsonObject> keys) {
        List<Definition> definitions = new ArrayList<>();
        keys.forEach((hash, document) -> definitions.add(new Definition(Kind.KEY, hash, 1, document.encode())));
        Promise<Void> hold = Promise.promise();
        news.execute(() -> {
            memory.fix(definitions);
            hold.complete();
        });
        return hold.future();
    }

    @Override
    public long stamp() {
        return memory.stamp();
    }

    /** A number that changes with the entries of a kind. Looks at each of them. */
    public long stamp(Kind kind) {
        return memory.contents().stamp(kind);
    }

    @Override
    public List<String> write(List<Change> changes) throws Stale, Unavailable {
        changes.forEach(change -> checkId(change.id()));
        if (changes.isEmpty()) {
            return List.of();
        }
        try {
            Written written = thread.submit(() -> written(changes)).get();
            java.util.concurrent.Future<?> caughtUp = written.gap() ? thread.submit(keeper::look) : null;
            List<String> silent = herald.told(written.entries());
            if (caughtUp != null) {
                wait(caughtUp);
            }
            return silent;
        } catch (RejectedExecutionException e) {
            throw new Unavailable("This node is stopping", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("Waiting for the store was interrupted; look whether it was done", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Stale stale -> throw stale;
                case Unavailable unavailable -> throw unavailable;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private Written written(List<Change> changes) throws Stale, Unavailable {
        Written written = keeper.write(changes);
        herald.wrote(written.entries());
        return written;
    }

    /** The change is done; what others changed before it comes when the store answers. */
    private static void wait(java.util.concurrent.Future<?> caughtUp) throws InterruptedException, ExecutionException {
        try {
            caughtUp.get(BookNews.LONGEST_TELLING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            LOG.warn("The store does not say what else has changed; it will be asked again");
        }
    }

    /** What every store can keep and give back as it was. */
    private static void checkId(String id) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        boolean kept = new String(bytes, StandardCharsets.UTF_8).equals(id) && id.indexOf('\0') < 0;
        if (id.isEmpty() || bytes.length > MOST_ID_BYTES || !kept) {
            throw new IllegalArgumentException(
                    "An id must have 1 to " + MOST_ID_BYTES + " bytes of UTF-8 and no zero byte");
        }
    }

    @Override
    public Optional<Entry> entry(Kind kind, String id) {
        return memory.contents().entry(kind, id);
    }

    @Override
    public List<Entry> entries(Kind kind) {
        return memory.contents().entries(kind);
    }

    @Override
    public Account.@Nullable Key key(String hash) {
        return memory.contents().key(hash);
    }

    @Override
    public Account.@Nullable User user(String id) {
        return memory.contents().user(id);
    }

    @Override
    public Account.@Nullable Team team(String id) {
        return memory.contents().team(id);
    }

    @Override
    public Account.@Nullable Member member(String team, String user) {
        return memory.contents().member(team, user);
    }

    @Override
    public Account.@Nullable OrganizationMember organizationMember(String organization, String user) {
        return memory.contents().organizationMember(organization, user);
    }

    @Override
    public Account.@Nullable Organization organization(String id) {
        return memory.contents().organization(id);
    }

    @Override
    public Account.@Nullable Customer customer(String id) {
        return memory.contents().customer(id);
    }

    @Override
    public Account.@Nullable Tag tag(String name) {
        return memory.contents().tag(name);
    }

    @Override
    public List<String> managedTeams(String user) {
        return memory.contents().managedTeams(user);
    }

    @Override
    public boolean limitsEveryone() {
        return memory.contents().limitsEveryone();
    }

    /** Whether there is any virtual key, of the file or of the admin API. */
    public boolean hasKeys() {
        return memory.contents().hasKeys();
    }

    /** Ends after the write that is under way. Blocks for as long as that takes, but not for more than some seconds. */
    @Override
    public void close() {
        try {
            thread.submit(keeper::close).get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOG.warn("The book of keys was not closed in order: {}", e.toString());
        }
        news.shutdown();
        thread.shutdownNow();
    }
}
