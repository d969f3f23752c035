package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Book.Stale;
import dev.tollgate.accounting.book.Book.Unavailable;
import dev.tollgate.accounting.book.Definitions.Definition;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the store's entries into memory and writes changes into both, all on the one thread that waits for the store. A store that is
 * shared is looked at every few seconds for what other nodes have written, and copied into a file ({@link Copyist}), from which a node starts while its store is away.
 */
final class BookKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(BookKeeper.class);
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long LOOK_MILLIS = 5_000;
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Far sooner than the store forgets that entries were deleted; by the clock, for a machine may have slept. */
    private static final long READ_ANEW_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final Supplier<? extends Definitions> opening;
    private final @Nullable BookCopy copy;
    private final @Nullable Copyist copyist;
    private final InstantSource clock;
    private final ScheduledExecutorService thread;
    private final BookMemory memory;

    /** What is to be done after news; many that come while the store hangs are one task. */
    private final AtomicBoolean following = new AtomicBoolean();

    private final AtomicBoolean missing = new AtomicBoolean();

    private @Nullable Definitions definitions;
    private boolean loaded;
    private boolean closed;
    private long lookedMillis;
    private long pause = FIRST_PAUSE_MILLIS;
    private String said = "";
    private long saidNanos;

    BookKeeper(
            Supplier<? extends Definitions> opening,
            @Nullable BookCopy copy,
            InstantSource clock,
            ScheduledExecutorService thread,
            BookMemory memory) {
        this.opening = opening;
        this.copy = copy;
        this.clock = clock;
        this.thread = thread;
        this.memory = memory;
        this.copyist = copy == null ? null : new Copyist(() -> memory.save(copy));
    }

    void start() {
        if (!tryToLoad()) {
            fromCopy();
        }
    }

    private boolean tryToLoad() {
        if (loaded || closed) {
            return true;
        }
        try {
            load();
            return true;
        } catch (RuntimeException | Error e) {
            say(e);
            thread.schedule(this::tryToLoad, pause, TimeUnit.MILLISECONDS);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            return false;
        }
    }

    private void load() {
        memory.loading();
        Contents fresh = new Contents();
        long all = store().changes(0, fresh::put);
        String id = store().identity();
        works();
        fresh.settle();
        memory.load(fresh, all, id);
        copyLater();
        if (!loaded && copy != null) {
            thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        loaded = true;
    }

    private void fromCopy() {
        if (copy == null) {
            return;
        }
        try {
            Contents fresh = new Contents();
            BookCopy.Loaded found = copy.load();
            found.entries().forEach(fresh::put);
            LOG.warn("The keys, users and teams of {} are used until the store answers", copy);
            fresh.settle();
            memory.copied(fresh, found.identity());
        } catch (IOException e) {
            LOG.error("No key but the master key is known until the store answers; {}: {}", copy, e.getMessage());
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
    private void say(Throwable trouble) {
        String text = trouble.getMessage() == null ? trouble.toString() : trouble.getMessage();
        long now = System.nanoTime();
        if (!text.equals(said) || now - saidNanos >= SAY_AGAIN_NANOS) {
            said = text;
            saidNanos = now;
            LOG.error("Keys, users and teams stay as they are known here: {}", text);
        }
    }

    private void works() {
        if (!said.isEmpty()) {
            LOG.info("Keys, users and teams are the store's again");
        }
        said = "";
        lookedMillis = clock.millis();
    }

    /**
     * What was written, for the other nodes.
     *
     * @param entries oldest first
     * @param gap whether others wrote before, which is not known here: {@link #look} brings it
     */
    record Written(List<Definition> entries, boolean gap) {}

    Written write(List<Change> changes) throws Stale, Unavailable {
        try {
            if (!loaded) {
                load();
            }
            return written(changes, store().write(changes, clock.millis()));
        } catch (Stale e) {
            // Most likely another node's change has not arrived yet; whoever tries again shall read it.
            look();
            throw e;
        } catch (RuntimeException | Error e) {
            throw new Unavailable("The store does not take the change: " + e.getMessage(), e);
        }
    }

    private Written written(List<Change> changes, long last) {
        long version = last - changes.size();
        List<Definition> entries = new ArrayList<>();
        for (Change change : changes) {
            String document =
                    change.document() == null ? null : change.document().encode();
            entries.add(new Definition(change.kind(), change.id(), ++version, document));
        }
        boolean gap = memory.wrote(entries);
        copyLater();
        return new Written(entries, gap);
    }

    /** These have come into the store by another way than {@link #write}; oldest first. */
    void took(List<Definition> taken) {
        if (memory.wrote(taken)) {
            look();
        }
        copyLater();
    }

    /** News are in memory. {@code gap}: something that was written before them is not. May be called from any thread. */
    void follow(boolean gap) {
        if (gap) {
            missing.set(true);
        }
        if (following.compareAndSet(false, true)) {
            thread.execute(() -> {
                following.set(false);
                copyLater();
                if (missing.getAndSet(false)) {
                    look();
                }
            });
        }
    }

    /** Takes over what other nodes have written since the last look. */
    void look() {
        try {
            long seen = memory.seen();
            List<Definition> changed = new ArrayList<>();
            boolean anew = clock.millis() - lookedMillis > READ_ANEW_MILLIS;
            long all = anew ? 0 : store().changes(seen, changed::add);
            if (anew || all < seen) {
                // After a long sleep, or the store was put back to what it was.
                load();
                return;
            }
            works();
            memory.looked(changed, all);
            if (!changed.isEmpty()) {
                copyLater();
            }
        } catch (RuntimeException e) {
            say(e);
        }
    }

    private void copyLater() {
        if (copyist != null) {
            copyist.due();
        }
    }

    void close() {
        closed = true;
        if (copyist != null) {
            copyist.close();
        }
        Definitions opened = definitions;
        definitions = null;
        if (opened != null) {
            opened.close();
        }
    }
}
