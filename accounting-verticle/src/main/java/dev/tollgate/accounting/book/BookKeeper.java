package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Book.Stale;
import dev.tollgate.accounting.book.Book.Unavailable;
import dev.tollgate.accounting.book.Definitions.Definition;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the store's entries into memory and writes changes into both, all on the book's one thread. A store that is shared is looked
 * at every few seconds for what other nodes have written, and copied into a file, from which a node starts while its store is away.
 */
final class BookKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(BookKeeper.class);
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long LOOK_MILLIS = 5_000;
    private static final long COPY_MILLIS = 2_000;
    /** Copying many entries must not keep the thread from its other work. */
    private static final long REST_FACTOR = 20;

    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Far sooner than the store forgets that entries were deleted; by the clock, for a machine may have slept. */
    private static final long READ_ANEW_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final Supplier<Definitions> opening;
    private final @Nullable BookCopy copy;
    private final InstantSource clock;
    private final ScheduledExecutorService thread;
    private final AtomicLong stamp = new AtomicLong();
    private volatile Contents contents = new Contents();
    private volatile boolean readable;

    private @Nullable Definitions definitions;
    private Runnable changed = () -> {};
    private List<Definition> fixed = List.of();
    private boolean loaded;
    private boolean closed;
    private boolean copyDue;
    private long seen;
    private long lookedMillis;
    private long copiedMillis;
    private long pause = FIRST_PAUSE_MILLIS;
    private String said = "";
    private long saidNanos;

    BookKeeper(
            Supplier<Definitions> opening,
            @Nullable BookCopy copy,
            InstantSource clock,
            ScheduledExecutorService thread) {
        this.opening = opening;
        this.copy = copy;
        this.clock = clock;
        this.thread = thread;
    }

    Contents contents() {
        return contents;
    }

    long stamp() {
        return stamp.get();
    }

    boolean readable() {
        return readable;
    }

    void start() {
        if (!tryToLoad()) {
            fromCopy();
        }
    }

    void onChange(Runnable listener) {
        changed = listener;
    }

    private void changed() {
        stamp.incrementAndGet();
        changed.run();
    }

    private boolean tryToLoad() {
        if (loaded || closed) {
            return true;
        }
        try {
            load();
            return true;
        } catch (RuntimeException | LinkageError e) {
            say(e);
            thread.schedule(this::tryToLoad, pause, TimeUnit.MILLISECONDS);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            return false;
        }
    }

    private void load() {
        Contents fresh = new Contents();
        seen = store().changes(0, fresh::put);
        works();
        take(fresh);
        copyLater();
        if (!loaded && copy != null) {
            thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        loaded = true;
    }

    private void take(Contents fresh) {
        fresh.settle();
        fresh.fix(fixed);
        contents = fresh;
        readable = true;
        changed();
    }

    private void fromCopy() {
        if (copy == null) {
            return;
        }
        try {
            Contents fresh = new Contents();
            copy.load().forEach(fresh::put);
            LOG.warn("The keys, users and teams of {} are used until the store answers", copy);
            take(fresh);
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

    void fix(List<Definition> keys) {
        fixed = List.copyOf(keys);
        contents.fix(fixed);
        changed();
    }

    /** Answers what was written, for the other nodes. */
    List<Definition> write(List<Change> changes) throws Stale, Unavailable {
        try {
            if (!loaded) {
                load();
            }
            return applied(changes, store().write(changes, clock.millis()));
        } catch (Stale e) {
            // Most likely another node's change has not arrived yet; whoever tries again shall read it.
            look();
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw new Unavailable("The store does not take the change: " + e.getMessage(), e);
        }
    }

    private List<Definition> applied(List<Change> changes, long last) {
        long version = last - changes.size();
        boolean next = version == seen;
        List<Definition> written = new ArrayList<>();
        for (Change change : changes) {
            String document =
                    change.document() == null ? null : change.document().encode();
            written.add(new Definition(change.kind(), change.id(), ++version, document));
        }
        put(new ArrayList<>(written));
        if (next) {
            seen = last;
        } else {
            look();
        }
        return written;
    }

    /**
     * Takes over what another node has written. What is in the store up to {@link #seen} is known; should something between that and
     * the news be missing, the store is asked for it, and the news hold even if it does not answer.
     */
    void heard(List<Definition> news) {
        List<Definition> later = new ArrayList<>(
                news.stream().filter(each -> each.version() > seen).toList());
        if (later.isEmpty() || !readable) {
            return;
        }
        boolean next = loaded && later.getFirst().version() == seen + 1;
        long last = later.getLast().version();
        put(later);
        if (next) {
            seen = last;
        } else if (loaded) {
            look();
        }
    }

    private void put(List<Definition> changed) {
        // A new key must not be there before the budget that limits it.
        changed.sort(Comparator.comparing(each -> each.kind() != Kind.BUDGET));
        changed.forEach(contents::put);
        contents.settle();
        changed();
        copyLater();
    }

    /** Takes over what other nodes have written since the last look. */
    private void look() {
        try {
            if (clock.millis() - lookedMillis > READ_ANEW_MILLIS) {
                load();
                return;
            }
            List<Definition> changed = new ArrayList<>();
            seen = store().changes(seen, changed::add);
            works();
            if (!changed.isEmpty()) {
                put(changed);
            }
        } catch (RuntimeException e) {
            say(e);
        }
    }

    private void copyLater() {
        if (copy != null && !copyDue) {
            copyDue = true;
            thread.schedule(this::copy, Math.max(COPY_MILLIS, REST_FACTOR * copiedMillis), TimeUnit.MILLISECONDS);
        }
    }

    private void copy() {
        if (copy == null || !copyDue) {
            return;
        }
        copyDue = false;
        long began = System.nanoTime();
        try {
            copy.save(contents);
        } catch (IOException e) {
            LOG.error(
                    "The copy of keys, users and teams cannot be written, so a start needs the store: {}",
                    e.toString());
        }
        copiedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    void close() {
        closed = true;
        copy();
        Definitions opened = definitions;
        definitions = null;
        if (opened != null) {
            opened.close();
        }
    }
}
