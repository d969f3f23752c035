package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Supplier<Definitions> opening;
    private final InstantSource clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-book").daemon().factory());
    private final AtomicLong stamp = new AtomicLong();
    private volatile Contents contents = new Contents();

    private @Nullable Definitions definitions;
    private boolean loaded;
    private long seen;
    private long pause = FIRST_PAUSE_MILLIS;
    private @Nullable Runnable readable;
    private String said = "";
    private long saidNanos;

    /** A book whose entries are in the store that {@code opening} opens; it is asked again when that fails. */
    public StoredBook(Supplier<Definitions> opening, InstantSource clock) {
        this.opening = opening;
        this.clock = clock;
    }

    /** Begins to load. {@code whenReadable} runs once on the book's thread, when all entries are there. */
    public void start(Runnable whenReadable) {
        thread.execute(() -> {
            readable = whenReadable;
            tryToLoad();
        });
    }

    private void tryToLoad() {
        if (loaded) {
            return;
        }
        try {
            load();
        } catch (RuntimeException | LinkageError e) {
            say(e.getMessage() == null ? e.toString() : e.getMessage());
            thread.schedule(this::tryToLoad, pause, TimeUnit.MILLISECONDS);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    private void load() {
        Contents fresh = new Contents();
        seen = store().changes(0, fresh::put);
        fresh.settle();
        contents = fresh;
        loaded = true;
        said = "";
        stamp.incrementAndGet();
        Runnable told = readable;
        readable = null;
        if (told != null) {
            told.run();
        }
    }

    private Definitions store() {
        Definitions opened = definitions;
        if (opened == null) {
            opened = opening.get();
            definitions = opened;
        }
        return opened;
    }

    /** A store may be away for hours: each trouble is said at once, and again once a minute. */
    private void say(String trouble) {
        long now = System.nanoTime();
        if (!trouble.equals(said) || now - saidNanos >= SAY_AGAIN_NANOS) {
            said = trouble;
            saidNanos = now;
            LOG.error("Keys, users and teams cannot be read from the store: {}", trouble);
        }
    }

    /** A number that ascends whenever anything has changed; whoever made something of the entries makes it anew then. */
    public long stamp() {
        return stamp.get();
    }

    /** Look-ups that are of one state as long as nothing is written. */
    Accounts accounts() {
        return contents;
    }

    @Override
    public void write(List<Change> changes) throws Stale, Unavailable {
        changes.forEach(change -> checkId(change.id()));
        Future<?> written;
        try {
            written = thread.submit(() -> {
                writeNow(changes);
                return null;
            });
        } catch (RejectedExecutionException e) {
            throw new Unavailable("This node is stopping", e);
        }
        try {
            written.get();
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

    /** What every store can keep and give back as it was. */
    private static void checkId(String id) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        boolean kept = new String(bytes, StandardCharsets.UTF_8).equals(id) && id.indexOf('\0') < 0;
        if (id.isEmpty() || bytes.length > MOST_ID_BYTES || !kept) {
            throw new IllegalArgumentException(
                    "An id must have 1 to " + MOST_ID_BYTES + " bytes of UTF-8 and no zero byte");
        }
    }

    private void writeNow(List<Change> changes) throws Stale, Unavailable {
        if (changes.isEmpty()) {
            return;
        }
        try {
            if (!loaded) {
                load();
            }
            long last = store().write(changes, clock.millis());
            applied(changes, last);
        } catch (Stale e) {
            // Most likely another node's change has not arrived yet; whoever tries again shall read it.
            catchUp();
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw new Unavailable("The store does not take the change: " + e.getMessage(), e);
        }
    }

    private void applied(List<Change> changes, long last) {
        long version = last - changes.size();
        boolean next = version == seen;
        List<Definition> written = new ArrayList<>();
        for (Change change : changes) {
            String document =
                    change.document() == null ? null : change.document().encode();
            written.add(new Definition(change.kind(), change.id(), ++version, document));
        }
        // A new key must not be there before the budget that limits it.
        written.sort(Comparator.comparing(each -> each.kind() != Kind.BUDGET));
        written.forEach(contents::put);
        contents.settle();
        stamp.incrementAndGet();
        if (next) {
            seen = last;
        } else {
            catchUp();
        }
    }

    /** Takes over what other nodes have written since the last look. */
    private void catchUp() {
        try {
            long before = seen;
            seen = store().changes(before, contents::put);
            if (seen != before) {
                contents.settle();
                stamp.incrementAndGet();
            }
        } catch (RuntimeException e) {
            say(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<Entry> entry(Kind kind, String id) {
        return contents.entry(kind, id);
    }

    @Override
    public List<Entry> entries(Kind kind) {
        return contents.entries(kind);
    }

    @Override
    public Account.@Nullable Key key(String hash) {
        return contents.key(hash);
    }

    @Override
    public Account.@Nullable User user(String id) {
        return contents.user(id);
    }

    @Override
    public Account.@Nullable Team team(String id) {
        return contents.team(id);
    }

    @Override
    public Account.@Nullable Member member(String team, String user) {
        return contents.member(team, user);
    }

    @Override
    public Account.@Nullable Organization organization(String id) {
        return contents.organization(id);
    }

    @Override
    public Account.@Nullable Customer customer(String id) {
        return contents.customer(id);
    }

    @Override
    public Account.@Nullable Tag tag(String name) {
        return contents.tag(name);
    }

    @Override
    public boolean limitsEveryone() {
        return contents.limitsEveryone();
    }

    /** Ends after the write that is under way. Blocks for as long as that takes, but not for more than some seconds. */
    @Override
    public void close() {
        thread.execute(() -> {
            Definitions opened = definitions;
            definitions = null;
            if (opened != null) {
                opened.close();
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException _) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
