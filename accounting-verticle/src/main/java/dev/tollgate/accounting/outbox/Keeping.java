package dev.tollgate.accounting.outbox;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what other nodes have in their journals and not in the store yet, in a folder for each of them. A file goes when its node says
 * that all of it is stored. When the node is gone, this one stores what is left; that may be more than was missing, for rows are
 * idempotent by call id. What an earlier run kept is kept on.
 */
final class Keeping {
    private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);
    private static final long FULL = 4L << 20;
    private static final int MOST_OPEN = 512;

    private final Path folder;
    private final Peers peers;
    private final Executor thread;
    private final Map<String, List<KeptFile>> open = new HashMap<>();
    private final Map<String, Map<String, Long>> stored = new HashMap<>();
    private final Set<KeptFile> unsynced = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /**
     * Nothing is read or written yet.
     *
     * @param thread what comes from other nodes is written there, in order
     */
    Keeping(Path folder, Peers peers, Executor thread) {
        this.folder = folder;
        this.peers = peers;
        this.thread = thread;
    }

    /** From now on other nodes may send copies. */
    void listen() {
        peers.receive(CopyLetter.COPY, letter -> later(() -> kept(letter)));
        peers.receive(CopyLetter.STORED, letter -> later(() -> dropped(letter)));
    }

    /** An answer that takes writing files. */
    private interface Work {
        Letter run() throws IOException;
    }

    private Future<Letter> later(Work work) {
        Promise<Letter> answer = Promise.promise();
        try {
            thread.execute(() -> answer.complete(answer(work)));
        } catch (RejectedExecutionException _) {
            answer.complete(CopyLetter.refused("it is leaving"));
        }
        return answer.future();
    }

    private static Letter answer(Work work) {
        try {
            return work.run();
        } catch (IOException | RuntimeException e) {
            LOG.debug("Copies of another node's spend are refused", e);
            return CopyLetter.refused(e.toString());
        }
    }

    private synchronized Letter kept(Letter letter) throws IOException {
        if (closed) {
            return CopyLetter.refused("it is leaving");
        }
        String from = CopyLetter.from(letter);
        for (CopyLetter.Part part : CopyLetter.parts(letter)) {
            write(from, part);
        }
        return Letter.done();
    }

    private void write(String from, CopyLetter.Part part) throws IOException {
        KeptFile file = file(from, part);
        try {
            file.write(part.mark(), bytes(part.bytes()));
        } catch (IOException e) {
            // Another file may do better, once there is room again.
            files(from).remove(file);
            file.close();
            throw e;
        }
        if (file.size() >= FULL) {
            files(from).remove(file);
            finish(file);
        } else {
            unsynced.add(file);
        }
    }

    /** It is closed by whoever syncs it next, and so it has to come up again, whatever was synced before. */
    private void finish(KeptFile file) {
        file.finished();
        unsynced.add(file);
    }

    private static ByteBuffer bytes(Buffer buffer) {
        return ByteBuffer.wrap(buffer.getBytes());
    }

    private List<KeptFile> files(String from) {
        return open.computeIfAbsent(from, _ -> new ArrayList<>());
    }

    /** The last used is the last in the list. */
    private KeptFile file(String from, CopyLetter.Part part) throws IOException {
        List<KeptFile> files = files(from);
        for (KeptFile file : files) {
            if (file.takes(part.journal(), part.mark())) {
                files.remove(file);
                files.add(file);
                return file;
            }
        }
        KeptFile made = KeptFile.create(folder.resolve(from), part.journal(), part.mark());
        files.add(made);
        if (files.size() > MOST_OPEN) {
            finish(files.removeFirst());
        }
        return made;
    }

    private synchronized Letter dropped(Letter letter) throws IOException {
        String from = CopyLetter.from(letter);
        Map<String, Long> marks = CopyLetter.marks(letter);
        Path kept = folder.resolve(from);
        if (!Files.isDirectory(kept)) {
            return Letter.done();
        }
        stored.put(from, marks);
        for (Path file : listed(kept, "*.log")) {
            KeptFile.Range range = KeptFile.Range.of(file);
            if (range != null && range.end() <= marks.getOrDefault(range.journal(), 0L)) {
                closeFile(from, file);
                Files.deleteIfExists(file);
            }
        }
        return Letter.done();
    }

    private void closeFile(String from, Path path) {
        for (Iterator<KeptFile> files = files(from).iterator(); files.hasNext(); ) {
            KeptFile file = files.next();
            if (file.path().equals(path)) {
                file.close();
                files.remove();
            }
        }
    }

    private static List<Path> listed(Path folder, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            entries.forEach(found::add);
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }

    /** What nodes left that are gone; nothing is added to these files any more. */
    synchronized List<Outbox.Left> due() throws IOException {
        Set<String> present = present();
        if (present == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        List<Outbox.Left> due = new ArrayList<>();
        for (Path kept : listed(folder, "*")) {
            String from = kept.getFileName().toString();
            if (Files.isDirectory(kept) && !present.contains(from)) {
                List<KeptFile> files = open.remove(from);
                if (files != null) {
                    files.forEach(KeptFile::close);
                }
                left(kept, stored.getOrDefault(from, Map.of()), due);
            }
        }
        return due;
    }

    private void left(Path kept, Map<String, Long> marks, List<Outbox.Left> due) throws IOException {
        List<Path> files = listed(kept, "*.log");
        for (Path file : files) {
            KeptFile.Range range = KeptFile.Range.of(file);
            long known = range == null ? 0 : marks.getOrDefault(range.journal(), 0L) - range.begin();
            due.add(new Outbox.Left(file, Math.clamp(known, 0, Files.size(file))));
        }
        if (files.isEmpty()) {
            stored.remove(kept.getFileName().toString());
            try {
                Files.delete(kept);
            } catch (DirectoryNotEmptyException _) {
                // Damaged files are kept.
            }
        }
    }

    /** Ids of all members; null: this node does not know now who they are. */
    private @Nullable Set<String> present() {
        return switch (peers.state()) {
            case ALONE -> Set.of();
            case JOINED -> peers.all().stream().map(Peer::id).collect(Collectors.toSet());
            case JOINING, LEFT -> null;
        };
    }

    /** Brings what was written to the disk; from the syncing thread. */
    void sync() {
        for (Iterator<KeptFile> files = unsynced.iterator(); files.hasNext(); ) {
            KeptFile file = files.next();
            files.remove();
            try {
                file.sync();
            } catch (IOException e) {
                LOG.warn("A copy of another node's spend is not on the disk yet: {}", e.toString());
            }
        }
    }

    /** Takes nothing any more; what is kept stays. */
    synchronized void close() {
        closed = true;
        open.values().forEach(files -> files.forEach(KeptFile::close));
        open.clear();
    }
}
