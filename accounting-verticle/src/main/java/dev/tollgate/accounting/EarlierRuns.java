package dev.tollgate.accounting;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs whose calls this node brings into the store though it did not make them: its own before this one, and those of nodes that are gone
 * and had it keep copies. Other nodes may have asked the store before, so they are told when it is done. A run is written down before
 * the first of its calls is stored, until all have been told: should this node be killed in between, its next run tells it.
 */
final class EarlierRuns implements Delivery.Hearing {
    private static final Logger LOG = LoggerFactory.getLogger(EarlierRuns.class);

    /** Some of its calls may be stored. */
    private static final int BEGUN = 0;

    private final Path file;
    private final Function<Set<String>, Future<Void>> tell;
    /** With the number of the telling in which it was told, or {@link #BEGUN}. */
    private final Map<String, Integer> runs = new LinkedHashMap<>();

    /** How far files are stored, of which some cannot be deleted: they are brought in every round, and nothing of that is new. */
    private final Map<Path, Long> storedTo = new HashMap<>();

    /** All nodes know of these; they say so where nothing may wait for a disk. */
    private final Queue<Told> answers = new ConcurrentLinkedQueue<>();

    private int tellings;
    private boolean changed;

    private record Told(Set<String> runs, int telling) {}

    /**
     * Of this node.
     *
     * @param file keeps what is not told
     * @param tell takes runs that are stored; done when all nodes know
     */
    EarlierRuns(Path file, Function<Set<String>, Future<Void>> tell) {
        this.file = file;
        this.tell = tell;
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file, StandardCharsets.UTF_8).forEach(run -> runs.put(run, BEGUN));
            }
        } catch (IOException e) {
            LOG.warn("Other nodes may not hear what an earlier run has stored: {}", e.toString());
        }
    }

    /** The part of a run's name that its node's id in the cluster begins with; else what no id begins with. */
    static String run(Path journal) {
        String name = journal.getFileName().toString();
        String[] parts = name.split("-", 3);
        return parts.length == 3 ? parts[1] : name;
    }

    @Override
    public synchronized void begins(Path journal, long to) {
        if (to > storedTo.getOrDefault(journal, 0L) && runs.put(run(journal), BEGUN) == null) {
            write();
        }
    }

    @Override
    public synchronized void rows(Path journal, long from, long to, List<SpendRow> rows) {
        storedTo.merge(journal, to, Math::max);
    }

    @Override
    public synchronized void gone(Path journal) {
        storedTo.remove(journal);
    }

    /** What was begun is stored now, as far as it is here. */
    void tell() {
        Set<String> stored = new TreeSet<>();
        int telling;
        synchronized (this) {
            telling = ++tellings;
            for (Told answered = answers.poll(); answered != null; answered = answers.poll()) {
                told(answered);
            }
            runs.replaceAll((run, told) -> told == BEGUN && stored.add(run) ? telling : told);
            if (changed) {
                changed = false;
                write();
            }
        }
        if (!stored.isEmpty()) {
            tell.apply(stored).onSuccess(_ -> answers.add(new Told(stored, telling)));
        }
    }

    /** More of it may have been begun meanwhile. */
    private void told(Told answered) {
        answered.runs.forEach(run -> changed |= runs.remove(run, answered.telling));
    }

    private void write() {
        try {
            List<String> all = new ArrayList<>(runs.keySet());
            Path next = file.resolveSibling(file.getFileName() + ".new");
            Files.write(next, all, StandardCharsets.UTF_8);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn(
                    "Should this node be killed now, others may not hear what it has stored of earlier runs: {}",
                    e.toString());
        }
    }
}
