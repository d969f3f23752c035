package dev.tollgate.accounting.book;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the copy of the book up to date, on a thread of its own: that of many entries takes seconds to write, and whoever changes one
 * must not wait for it. Changes that come within some seconds are one copy, and a copy that takes long is made seldom.
 */
final class Copyist implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Copyist.class);
    private static final long AFTER_MILLIS = 2_000;

    /** A thread that copies all the time would take a core from calls. */
    private static final long REST_FACTOR = 20;

    private final Save save;
    private final long afterMillis;
    private final AtomicBoolean due = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-book-copy").daemon().factory());
    private volatile long tookMillis;

    /** Writes a copy of what is known now. */
    interface Save {
        void run() throws IOException;
    }

    Copyist(Save save) {
        this(save, AFTER_MILLIS);
    }

    Copyist(Save save, long afterMillis) {
        this.save = save;
        this.afterMillis = afterMillis;
    }

    /** Something has changed. From any thread; never waits. */
    void due() {
        if (due.compareAndSet(false, true)) {
            try {
                thread.schedule(this::copy, Math.max(afterMillis, REST_FACTOR * tookMillis), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException _) {
                // The last copy is being written.
            }
        }
    }

    private void copy() {
        if (!due.getAndSet(false)) {
            return;
        }
        long began = System.nanoTime();
        try {
            save.run();
        } catch (IOException | RuntimeException e) {
            LOG.error(
                    "The copy of keys, users and teams cannot be written, so a start needs the store: {}",
                    e.toString());
        }
        tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    /** Writes what is due, and waits for that. */
    @Override
    public void close() {
        try {
            thread.submit(this::copy).get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            LOG.warn("The copy of keys, users and teams was not finished: {}", e.toString());
        } finally {
            thread.shutdownNow();
        }
    }
}
