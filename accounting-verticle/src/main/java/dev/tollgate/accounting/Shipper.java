package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings records from the journals into the ledger, on a thread of its own. What an earlier run left is brought first. The position
 * in a journal is stored in one transaction with the rows, and rows are idempotent by call id, so dying at any moment loses
 * nothing and doubles nothing. While the store refuses, journals just grow. A finished file is deleted when all of it is stored; one
 * with bytes that are no record, or records of a version that this one does not know, is kept as {@code NAME.log.damaged}.
 */
final class Shipper {
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);
    private static final int BATCH = 500;
    private static final long EVERY_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    private final Path folder;
    private final Syncer syncer;
    private final Supplier<Ledger> opening;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-ledger").daemon().factory());
    private @Nullable Ledger ledger;
    private long pause = EVERY_MILLIS;
    private boolean closed;
    private volatile boolean works = true;

    Shipper(Path folder, Syncer syncer, Supplier<Ledger> opening) {
        this.folder = folder;
        this.syncer = syncer;
        this.opening = opening;
        thread.schedule(this::round, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void round() {
        if (closed) {
            return;
        }
        try {
            ship();
            pause = EVERY_MILLIS;
            works = true;
        } catch (IOException | RuntimeException | LinkageError e) {
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
            works = false;
            LOG.error("Spend stays in the journal for now, trying again in {} ms: {}", pause, e.toString());
        }
        thread.schedule(this::round, pause, TimeUnit.MILLISECONDS);
    }

    /** Whether the last round brought everything; asked from any thread, never waits for the store. */
    boolean works() {
        return works;
    }

    private Ledger ledger() {
        if (ledger == null) {
            ledger = opening.get();
        }
        return ledger;
    }

    /** Files are listed before it is asked which are being written: one that is begun in between is not among them. */
    private void ship() throws IOException {
        List<Path> files = files();
        Set<Path> open = new HashSet<>();
        for (Journal journal : syncer.journals()) {
            Path current = journal.current();
            if (current != null) {
                open.add(current);
            }
        }
        IOException unreadable = null;
        for (Path file : files) {
            try {
                ship(file, !open.contains(file));
            } catch (IOException e) {
                unreadable = e;
            }
        }
        if (unreadable != null) {
            throw unreadable;
        }
    }

    private List<Path> files() throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.log")) {
                entries.forEach(found::add);
            }
        }
        found.sort(null);
        return found;
    }

    private void ship(Path file, boolean finished) throws IOException {
        String name = file.getFileName().toString();
        long position = ledger().position(name);
        boolean whole = true;
        while (true) {
            JournalReader.Batch batch = JournalReader.read(file, position, BATCH);
            List<SpendRow> rows = rows(batch.records());
            whole &= rows.size() == batch.records().size();
            if (batch.next() > position) {
                ledger().store(rows, name, batch.next());
                position = batch.next();
            }
            if (batch.end()) {
                long next = finished && position < Files.size(file) ? JournalReader.resume(file, position) : -1;
                if (next < 0) {
                    break;
                }
                LOG.error("{} is damaged from byte {} to {}; the records behind it are read", name, position, next);
                position = next;
                whole = false;
            }
        }
        if (finished) {
            finish(file, name, whole && position == Files.size(file));
        }
    }

    /** Records that can be read; the others stay in their file, which is then kept. */
    private static List<SpendRow> rows(List<Buffer> records) {
        List<SpendRow> rows = new ArrayList<>(records.size());
        for (Buffer record : records) {
            try {
                rows.add(SpendRow.read(record));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                LOG.error("A spend record cannot be read and is left in its journal: {}", e.getMessage());
            }
        }
        return rows;
    }

    /** The position is forgotten first: should the program die in between, the rows are stored once more, which changes nothing. */
    private void finish(Path file, String name, boolean whole) throws IOException {
        ledger().forget(name);
        if (whole) {
            Files.delete(file);
        } else {
            Path kept = file.resolveSibling(name + ".damaged");
            Files.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
            LOG.error("{} holds bytes that are no whole record, or that this version cannot read; it is kept", kept);
        }
    }

    /** Brings what is there now, then asks the ledger. */
    Future<JsonArray> logs(Map<String, String> filter) {
        Promise<JsonArray> answer = Promise.promise();
        onThread(
                () -> {
                    try {
                        ship();
                    } catch (IOException e) {
                        LOG.error("A journal cannot be read, its spend is not listed: {}", e.toString());
                    }
                    answer.complete(ledger().logs(filter));
                },
                answer::fail);
        return answer.future();
    }

    /** Brings what is left and closes the store. */
    Future<Void> close() {
        Promise<Void> done = Promise.promise();
        onThread(
                () -> {
                    closed = true;
                    thread.shutdown();
                    try {
                        ship();
                    } finally {
                        if (ledger != null) {
                            ledger.close();
                        }
                    }
                    done.complete();
                },
                cause -> {
                    LOG.error("Spend stays in the journal until the next start: {}", cause.toString());
                    done.complete();
                });
        return done.future();
    }

    private interface Step {
        void run() throws IOException;
    }

    private void onThread(Step step, Consumer<Throwable> failed) {
        try {
            thread.execute(() -> {
                try {
                    step.run();
                } catch (IOException | RuntimeException | LinkageError e) {
                    failed.accept(e);
                }
            });
        } catch (RejectedExecutionException e) {
            failed.accept(e);
        }
    }
}
