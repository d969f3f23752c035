package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings journal files into the ledger. A finished file is deleted when all of it is stored; one with bytes that are no record, or
 * records of a version that this one does not know, is kept as {@code NAME.log.damaged}.
 */
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    private static final int BATCH = 500;

    private final Path folder;
    private final Syncer syncer;
    private String run = "";
    private Consumer<List<SpendRow>> told = _ -> {};

    Delivery(Path folder, Syncer syncer) {
        this.folder = folder;
        this.syncer = syncer;
    }

    /** What this run did not write. A file that cannot be read holds nothing up; its turn comes again with all the others. */
    void ofEarlierRuns(Ledger ledger) throws IOException {
        for (Path file : files()) {
            if (syncer.journals().stream().noneMatch(journal -> journal.wrote(file))) {
                try {
                    bring(file, true, ledger);
                } catch (IOException e) {
                    LOG.error("{} cannot be read; balances are without its calls: {}", file, e.toString());
                }
            }
        }
    }

    /** {@code told} hears of rows that are stored, of journals whose names begin so. */
    void tell(String run, Consumer<List<SpendRow>> told) {
        this.run = run;
        this.told = told;
    }

    /** Files are listed before it is asked which are being written: one that is begun in between is not among them. */
    void all(Ledger ledger) throws IOException {
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
                bring(file, !open.contains(file), ledger);
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

    private void bring(Path file, boolean finished, Ledger ledger) throws IOException {
        String name = file.getFileName().toString();
        long position = ledger.position(name);
        boolean whole = true;
        while (true) {
            JournalReader.Batch batch = JournalReader.read(file, position, BATCH);
            List<SpendRow> rows = rows(batch.records());
            whole &= rows.size() == batch.records().size();
            if (batch.next() > position) {
                ledger.store(rows, name, batch.next());
                if (name.startsWith(run)) {
                    told.accept(rows);
                }
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
            finish(file, name, whole && position == Files.size(file), ledger);
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
    private static void finish(Path file, String name, boolean whole, Ledger ledger) throws IOException {
        ledger.forget(name);
        if (whole) {
            Files.delete(file);
        } else {
            Path kept = file.resolveSibling(name + ".damaged");
            Files.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
            LOG.error("{} holds bytes that are no whole record, or that this version cannot read; it is kept", kept);
        }
    }
}
