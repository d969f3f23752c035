package dev.tollgate.accounting.journal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Syncs all journals of a node in groups, every ten milliseconds: one disk flush pays for all calls since the last. */
public final class Syncer {
    private static final long EVERY_NANOS = 10_000_000;

    private final List<Journal> journals = new CopyOnWriteArrayList<>();
    private final List<Runnable> others = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean stopped;

    /** Starts at once. */
    public Syncer() {
        thread = Thread.ofPlatform().name("tollgate-sync").daemon().start(this::run);
    }

    /** Takes care of another journal. */
    public void add(Journal journal) {
        journals.add(journal);
    }

    /** Runs this, too, each time; it may block. */
    public void also(Runnable sync) {
        others.add(sync);
    }

    /** The journals it takes care of. */
    public List<Journal> journals() {
        return journals;
    }

    private void run() {
        while (!stopped) {
            LockSupport.parkNanos(EVERY_NANOS);
            journals.forEach(Journal::sync);
            others.forEach(Runnable::run);
        }
    }

    /** Syncs once more and ends. */
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
        journals.forEach(Journal::close);
    }
}
