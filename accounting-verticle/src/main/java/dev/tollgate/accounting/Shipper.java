package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings records from the journals into the ledger, on a thread of its own. What an earlier run left is brought first. The position
 * in a journal is stored in one transaction with the rows, and rows are idempotent by call id, so dying at any moment loses
 * nothing and doubles nothing. While the store refuses, journals just grow.
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
        } catch (IOException | RuntimeException e) {
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
            LOG.error("Spend stays in the journal for now, trying again in {} ms: {}", pause, e.getMessage());
        }
        thread.schedule(this::round, pause, TimeUnit.MILLISECONDS);
    }

    private Ledger ledger() {
        if (ledger == null) {
            ledger = opening.get();
        }
        return ledger;
    }

    private void ship() throws IOException {
        Set<Path> open = new HashSet<>();
        for (Journal journal : syncer.journals()) {
            Path current = journal.current();
            if (current != null) {
                open.add(current);
            }
        }
        for (Path file : files()) {
            ship(file, !open.contains(file));
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
        JournalReader.Batch batch;
        do {
            batch = JournalReader.read(file, position, BATCH);
            if (!batch.records().isEmpty()) {
                ledger().store(batch.records().stream().map(SpendRow::read).toList(), name, batch.next());
                position = batch.next();
            }
        } while (!batch.end());
        if (finished) {
            long rest = Files.size(file) - position;
            if (rest > 0) {
                LOG.warn("{} ends in {} bytes that were not written whole; they are left out", name, rest);
            }
            Files.delete(file);
            ledger().forget(name);
        }
    }

    /** Brings what is there now, then asks the ledger. */
    Future<JsonArray> logs(Map<String, String> filter) {
        Promise<JsonArray> answer = Promise.promise();
        thread.execute(() -> {
            try {
                ship();
                answer.complete(ledger().logs(filter));
            } catch (IOException | RuntimeException e) {
                answer.fail(e);
            }
        });
        return answer.future();
    }

    /** Brings what is left and closes the store. */
    Future<Void> close() {
        Promise<Void> done = Promise.promise();
        thread.execute(() -> {
            closed = true;
            try {
                ship();
                if (ledger != null) {
                    ledger.close();
                }
            } catch (IOException | RuntimeException e) {
                LOG.error("Spend stays in the journal until the next start: {}", e.getMessage());
            }
            thread.shutdown();
            done.complete();
        });
        return done.future();
    }
}
