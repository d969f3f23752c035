package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.journal.Mark;
import dev.tollgate.accounting.journal.Slate;
import dev.tollgate.accounting.journal.SlateReader;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings journal files into the ledger. A finished file is deleted when all of it is stored; one with bytes that are no record, or
 * records of a version that this one does not know, is kept as {@code NAME.log.damaged}.
 */
public final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    private static final int BATCH = 500;
    private static final Hearing NOBODY = new Hearing() {};

    private final Path folder;
    private final Syncer syncer;
    private Consumer<List<SpendRow>> told = _ -> {};

    /** How far this run's files were told of. What is stored may turn out so only later, or be stored again. */
    private final Map<String, Long> toldTo = new HashMap<>();

    private final Map<String, Long> stored = new HashMap<>();
    private volatile Hearing earlier = NOBODY;
    private final Hearing own = new Hearing() {
        @Override
        public void rows(Path file, long from, long to, List<SpendRow> rows) throws IOException {
            tell(file, from, to, rows);
        }
    };

    /** Brings what is in that folder; the syncer knows which files are being written. */
    public Delivery(Path folder, Syncer syncer) {
        this.folder = folder;
        this.syncer = syncer;
    }

    /**
     * What this run did not write. A file that cannot be read holds nothing up; its turn comes again with all the others. What was under way
     * comes behind all journals, for a row that is in one of them is the right one.
     */
    void ofEarlierRuns(Ledger ledger) throws IOException {
        boolean all = true;
        for (Path file : earlier("*.log")) {
            try {
                bring(file, 0, true, ledger, earlier);
            } catch (IOException e) {
                all = false;
                LOG.error("{} cannot be read; balances are without its calls: {}", file, e.toString());
            }
        }
        List<Path> slates = earlier("*" + Slate.SUFFIX);
        if (all) {
            interrupted(slates, ledger);
        } else if (!slates.isEmpty()) {
            LOG.error("{} are left to the next start, because a journal cannot be read", slates);
        }
    }

    /** The calls that were under way when a run was killed. One that is stored already was over, and its entry not wiped yet. */
    private void interrupted(List<Path> slates, Ledger ledger) {
        int calls = 0;
        long nanos = 0;
        for (Path slate : slates) {
            try {
                List<SpendRow> rows = interrupted(slate, ledger);
                calls += rows.size();
                nanos += rows.stream().mapToLong(SpendRow::costNanos).sum();
            } catch (IOException e) {
                LOG.error("{} cannot be read; balances are without its calls: {}", slate, e.toString());
            }
        }
        if (calls > 0) {
            LOG.warn(
                    "{} calls were under way when this program was killed. Nobody knows what they cost: those that were not over are"
                            + " in the account with what was set aside for them (error INTERRUPTED), {} USD at most",
                    calls,
                    Money.text(nanos));
        }
    }

    private List<SpendRow> interrupted(Path slate, Ledger ledger) throws IOException {
        String name = slate.getFileName().toString();
        SlateReader.Left left = SlateReader.read(slate);
        List<SpendRow> rows = rows(left.entries());
        if (!rows.isEmpty()) {
            earlier.begins(slate, Long.MAX_VALUE);
        }
        for (int from = 0; from < rows.size(); from += BATCH) {
            ledger.store(rows.subList(from, Math.min(rows.size(), from + BATCH)), name, from);
        }
        ledger.forget(name);
        if (left.torn() > 0) {
            LOG.warn("{} entries of {} were not whole", left.torn(), name);
        }
        Files.delete(slate);
        return rows;
    }

    /** {@code hearing}: of this run's rows, as they are stored. */
    void tell(Consumer<List<SpendRow>> hearing) {
        told = hearing;
    }

    /** {@code hearing}: of what this run did not write. Before anything is brought. */
    void tellEarlier(Hearing hearing) {
        earlier = hearing;
    }

    /** A file that a node which is gone has left here. */
    void bringEarlier(Path file, long from, Ledger ledger) throws IOException {
        bring(file, from, true, ledger, earlier);
    }

    /** Files are listed before it is asked which are being written: one that is begun in between is not among them. */
    public void all(Ledger ledger) throws IOException {
        List<Path> files = files();
        Set<Path> open = new HashSet<>();
        for (Journal journal : syncer.journals()) {
            Path current = journal.current();
            if (current != null) {
                open.add(current);
            }
        }
        IOException unreadable = null;
        Map<Path, Long> left = new HashMap<>();
        for (Path file : files) {
            try {
                boolean finished = !open.contains(file);
                boolean ours = syncer.journals().stream().anyMatch(journal -> journal.wrote(file));
                long position = bring(file, 0, finished, ledger, ours ? own : earlier);
                if (finished) {
                    toldTo.remove(file.getFileName().toString());
                }
                if (!finished) {
                    left.put(file, position);
                }
            } catch (IOException e) {
                left.put(file, 0L);
                unreadable = e;
            }
        }
        syncer.journals().forEach(journal -> mark(journal, files, left));
        if (unreadable != null) {
            throw unreadable;
        }
    }

    /** The first place that is not stored; behind the last file when all are, for another may have begun meanwhile. */
    private void mark(Journal journal, List<Path> files, Map<Path, Long> left) {
        for (Path file : files) {
            if (journal.wrote(file)) {
                int number = journal.numberOf(file);
                Long position = left.get(file);
                stored.put(journal.name(), position == null ? Mark.of(number + 1, 0) : Mark.of(number, position));
                if (position != null) {
                    return;
                }
            }
        }
    }

    /** How far each of this run's journals is stored. */
    public Map<String, Long> stored() {
        return Map.copyOf(stored);
    }

    private List<Path> files() throws IOException {
        return files("*.log");
    }

    private List<Path> earlier(String names) throws IOException {
        return files(names).stream()
                .filter(file -> syncer.journals().stream().noneMatch(journal -> journal.wrote(file)))
                .toList();
    }

    private List<Path> files(String names) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, names)) {
                entries.forEach(found::add);
            }
        }
        found.sort(null);
        return found;
    }

    /** Stores what is behind {@code from}, or behind what the store knows of the file; where that ended. */
    public static long bring(Path file, long from, boolean finished, Ledger ledger) throws IOException {
        return bring(file, from, finished, ledger, NOBODY);
    }

    /** Hears of what is stored. */
    interface Hearing {
        /** Rows of this file are about to be stored, up to that place in it. */
        default void begins(Path file, long to) {}

        /** Those from a place in the file to another are. */
        default void rows(Path file, long from, long to, List<SpendRow> rows) throws IOException {}

        /** All of it is, and it is not found again. */
        default void gone(Path file) {}
    }

    /** Each row once. One of which it is not known whether it was told is not: it counts for too long then, rather than not at all. */
    private void tell(Path file, long from, long to, List<SpendRow> rows) throws IOException {
        String name = file.getFileName().toString();
        long heard = toldTo.getOrDefault(name, 0L);
        while (heard < from) {
            // It was stored, but that was not known: an answer of the store was lost.
            JournalReader.Batch missed = JournalReader.read(file, heard, 1);
            if (missed.next() <= heard) {
                break;
            }
            told.accept(rows(missed.records()));
            heard = missed.next();
        }
        if (from >= heard) {
            told.accept(rows);
        }
        toldTo.put(name, Math.max(heard, to));
    }

    private static long bring(Path file, long from, boolean finished, Ledger ledger, Hearing hearing)
            throws IOException {
        String name = file.getFileName().toString();
        long position = Math.max(from, ledger.position(name));
        boolean whole = true;
        hearing.rows(file, position, position, List.of());
        while (true) {
            JournalReader.Batch batch = JournalReader.read(file, position, BATCH);
            List<SpendRow> rows = rows(batch.records());
            whole &= rows.size() == batch.records().size();
            if (batch.next() > position) {
                if (!rows.isEmpty()) {
                    hearing.begins(file, batch.next());
                }
                ledger.store(rows, name, batch.next());
                hearing.rows(file, position, batch.next(), rows);
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
            hearing.gone(file);
        }
        return position;
    }

    /** Records that can be read; the others stay in their file, which is then kept. */
    private static List<SpendRow> rows(List<Buffer> records) {
        List<SpendRow> rows = new ArrayList<>(records.size());
        RowReader reader = new RowReader();
        for (Buffer record : records) {
            try {
                rows.add(reader.read(record));
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
