package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The book of one node. A thread of its own is the only one that asks the store or changes the memory; reading needs neither. While
 * the store is away, reading goes on and writing fails.
 */
public final class StoredBook implements Book, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoredBook.class);
    private static final int MOST_ID_BYTES = 512;

    private static final long CLOSE_SECONDS = 10;
    private static final Duration LONGEST_TELLING = Duration.ofSeconds(2);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-book").daemon().factory());
    private final BookKeeper keeper;
    private final Peers peers;
    private volatile Supplier<Future<Void>> inForce = Future::succeededFuture;

    /** A book whose entries are in a store of this node's own, which {@code opening} opens; it is asked again when that fails. */
    public StoredBook(Supplier<Definitions> opening, InstantSource clock) {
        this.keeper = new BookKeeper(opening, null, clock, thread);
        this.peers = new NoPeers("", "");
    }

    /** A book whose entries are in a store that other nodes may use as well; the members of the cluster tell each other at once. */
    public StoredBook(Supplier<Definitions> opening, BookCopy copy, InstantSource clock, Peers peers) {
        this.keeper = new BookKeeper(opening, copy, clock, thread);
        this.peers = peers;
        peers.receive(BookNews.TOPIC, letter -> heard(BookNews.of(letter)));
    }

    /** Begins to load. {@code changed} runs on the book's thread whenever anything has changed; it must not block. */
    public void start(Runnable changed) {
        thread.execute(() -> {
            keeper.onChange(changed);
            keeper.start();
        });
    }

    /** Asked, on the book's thread, when another node's news are known; that node is answered when this completes. */
    public void confirmWhen(Supplier<Future<Void>> newsAreInForce) {
        inForce = newsAreInForce;
    }

    /** Whether the entries are there, of the store or of the copy. Until then only keys of the configuration are known. */
    public boolean readable() {
        return keeper.readable();
    }

    /**
     * Keys of the configuration, in place of those it had before: they exist in memory alone and hide those of the store.
     *
     * @param keys document by hash
     */
    public void fix(Map<String, JsonObject> keys) {
        List<Definition> definitions = new ArrayList<>();
        keys.forEach((hash, document) -> definitions.add(new Definition(Kind.KEY, hash, 1, document.encode())));
        thread.execute(() -> keeper.fix(definitions));
    }

    /** A number that ascends whenever anything has changed; whoever made something of the entries makes it anew then. */
    public long stamp() {
        return keeper.stamp();
    }

    /** A number that changes with the entries of a kind. Looks at each of them. */
    public long stamp(Kind kind) {
        return keeper.contents().stamp(kind);
    }

    @Override
    public List<String> write(List<Change> changes) throws Stale, Unavailable {
        changes.forEach(change -> checkId(change.id()));
        if (changes.isEmpty()) {
            return List.of();
        }
        java.util.concurrent.Future<List<Definition>> written;
        try {
            written = thread.submit(() -> keeper.write(changes));
        } catch (RejectedExecutionException e) {
            throw new Unavailable("This node is stopping", e);
        }
        try {
            return told(written.get());
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

    /** Nobody may wait for a node that does not answer; whoever changed something is told of it. */
    private List<String> told(List<Definition> written) {
        return peers
                .announce(BookNews.letter(written), LONGEST_TELLING, EnumSet.of(Role.ACCOUNTING))
                .await()
                .silent()
                .stream()
                .map(Peer::name)
                .toList();
    }

    private Future<Letter> heard(List<Definition> news) {
        Promise<Letter> done = Promise.promise();
        try {
            thread.execute(() -> {
                keeper.heard(news);
                inForce.get().map(Letter.done()).onComplete(done);
            });
        } catch (RejectedExecutionException _) {
            done.fail("This node is stopping");
        }
        return done.future();
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
        return keeper.contents().entry(kind, id);
    }

    @Override
    public List<Entry> entries(Kind kind) {
        return keeper.contents().entries(kind);
    }

    @Override
    public Account.@Nullable Key key(String hash) {
        return keeper.contents().key(hash);
    }

    @Override
    public Account.@Nullable User user(String id) {
        return keeper.contents().user(id);
    }

    @Override
    public Account.@Nullable Team team(String id) {
        return keeper.contents().team(id);
    }

    @Override
    public Account.@Nullable Member member(String team, String user) {
        return keeper.contents().member(team, user);
    }

    @Override
    public Account.@Nullable OrganizationMember organizationMember(String organization, String user) {
        return keeper.contents().organizationMember(organization, user);
    }

    @Override
    public Account.@Nullable Organization organization(String id) {
        return keeper.contents().organization(id);
    }

    @Override
    public Account.@Nullable Customer customer(String id) {
        return keeper.contents().customer(id);
    }

    @Override
    public Account.@Nullable Tag tag(String name) {
        return keeper.contents().tag(name);
    }

    @Override
    public List<String> managedTeams(String user) {
        return keeper.contents().managedTeams(user);
    }

    @Override
    public boolean limitsEveryone() {
        return keeper.contents().limitsEveryone();
    }

    /** Whether there is any virtual key, of the file or of the admin API. */
    public boolean hasKeys() {
        return keeper.contents().hasKeys();
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
        thread.shutdownNow();
    }
}
