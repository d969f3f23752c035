package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a node remembers of the book. It is read from any thread; whoever has something new puts it in under this object's lock, which
 * nobody holds while the store is asked: what another node tells holds here although this one's store hangs.
 */
final class BookMemory {
    private volatile Contents contents = new Contents();
    private final CountDownLatch readable = new CountDownLatch(1);
    private final AtomicLong stamp = new AtomicLong();
    private volatile String store = "";

    private Runnable changed = () -> {};
    private List<Definition> fixed = List.of();

    /** What was heard since the store was asked for everything: its answer may be older. */
    private final List<BookNews> meanwhile = new ArrayList<>();

    private boolean asking;
    private boolean loaded;
    private long seen;

    Contents contents() {
        return contents;
    }

    long stamp() {
        return stamp.get();
    }

    boolean readable() {
        return readable.getCount() == 0;
    }

    /** Waits so long at most until it is. */
    boolean readableWithin(Duration longest) throws InterruptedException {
        return readable.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Which store this is of; empty: not known yet. */
    String store() {
        return store;
    }

    /** Writes a copy of what is known now; what comes meanwhile neither waits nor is in it. */
    void save(BookCopy copy) throws IOException {
        List<Contents.Kept> all;
        String ofStore;
        synchronized (this) {
            all = contents.all();
            ofStore = store;
        }
        copy.save(all, ofStore);
    }

    /** Everything up to this version is known. */
    synchronized long seen() {
        return seen;
    }

    synchronized void onChange(Runnable listener) {
        changed = listener;
    }

    private void changed() {
        stamp.incrementAndGet();
        changed.run();
    }

    /** The store is about to be asked for everything. */
    synchronized void loading() {
        asking = true;
        meanwhile.clear();
    }

    /** Takes the place of all that was known. {@code upTo}: the version up to which this is all; it was settled before. */
    synchronized void load(Contents fresh, long upTo, String ofStore) {
        seen = upTo;
        loaded = true;
        asking = false;
        take(fresh, ofStore);
    }

    /** Takes what an earlier run knew, until the store answers. */
    synchronized void copied(Contents fresh, String ofStore) {
        take(fresh, ofStore);
    }

    private void take(Contents fresh, String ofStore) {
        store = ofStore;
        List<Definition> later = new ArrayList<>();
        meanwhile.stream()
                .filter(news -> !news.ofAnotherStoreThan(ofStore))
                .flatMap(news -> news.written().stream())
                .filter(each -> each.version() > seen)
                .forEach(later::add);
        later.sort(Comparator.comparingLong(Definition::version));
        meanwhile.clear();
        later.forEach(fresh::put);
        fresh.settle();
        fresh.fix(fixed);
        contents = fresh;
        readable.countDown();
        advance(later);
        changed();
    }

    synchronized void fix(List<Definition> keys) {
        fixed = List.copyOf(keys);
        contents.fix(fixed);
        changed();
    }

    /**
     * Takes over what another node has written, oldest first. What is in the store up to {@link #seen} is known; news hold although
     * something between that and them is missing.
     *
     * @return whether the store is to be asked for what is missing
     */
    synchronized boolean heard(BookNews news) {
        if (asking) {
            meanwhile.add(news);
        }
        if (!readable()) {
            return false;
        }
        Contents now = contents;
        List<Definition> later =
                news.written().stream().filter(each -> each.version() > seen).toList();
        List<Definition> taken = later.stream().filter(now::accepts).toList();
        return put(taken) || loaded && taken.size() < later.size();
    }

    /** Takes over what this node has written, oldest first. Answers as {@link #heard} does. */
    synchronized boolean wrote(List<Definition> written) {
        return put(written);
    }

    private boolean put(List<Definition> news) {
        if (news.isEmpty()) {
            return false;
        }
        keep(news);
        boolean next = loaded && news.getFirst().version() <= seen + 1;
        if (next) {
            advance(news);
        }
        changed();
        return loaded && !next;
    }

    /** Takes over what the store has had up to that version. */
    synchronized void looked(List<Definition> found, long upTo) {
        if (!found.isEmpty()) {
            keep(found);
        }
        seen = Math.max(seen, upTo);
        contents.forget(seen);
        if (!found.isEmpty()) {
            changed();
        }
    }

    private void keep(List<Definition> news) {
        List<Definition> ordered = new ArrayList<>(news);
        // A new key must not be there before the budget that limits it.
        ordered.sort(Comparator.comparing(each -> each.kind() != Kind.BUDGET));
        ordered.forEach(contents::put);
        contents.settle();
    }

    /** Those that follow what was seen without a gap are seen as well. */
    private void advance(List<Definition> inOrder) {
        if (loaded) {
            for (Definition each : inOrder) {
                seen = each.version() == seen + 1 ? each.version() : seen;
            }
            contents.forget(seen);
        }
    }
}
