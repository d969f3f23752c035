package dev.tollgate.accounting.journal;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane's append-only file of spend records. A record is its length, its CRC-32C, and its bytes; writing it into the page cache
 * takes about a microsecond and survives the death of the process, and {@link Syncer} brings it to the disk within ten
 * milliseconds, so that a loss of power costs at most that much. A torn record at the end is recognised by its checksum; each write
 * begins where the last whole record ends, so that one which the disk cut short is written over and never stands in the middle.
 *
 * <p>Used on the lane's event loop only, but for {@link #sync}, {@link #current} and, when the lane is gone, {@link #close}. The
 * loop never waits for the disk: a full file is synced and closed by the syncing thread. When the disk refuses, calls go on: records
 * wait in memory, bounded, and are written when it works again; what does not fit is counted and logged.
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int HEADER = 8;
    private static final long SEGMENT = 16L << 20;
    private static final int MOST_WAITING = 10_000;
    private static final int MOST_AT_ONCE = 500;
    private static final int LARGE = 512 << 10;

    private final Path folder;
    private final String name;
    private final Deque<Buffer> waiting = new ArrayDeque<>();
    private final Queue<FileChannel> full = new ConcurrentLinkedQueue<>();
    private final AtomicLong lost = new AtomicLong();
    private final CRC32C sum = new CRC32C();
    private ByteBuffer scratch = ByteBuffer.allocateDirect(4096);
    private volatile @Nullable Path current;
    private volatile @Nullable FileChannel channel;
    private volatile boolean dirty;
    private volatile boolean newFile;
    private boolean syncFails;
    private long size;
    private int segment;
    private int number;

    /** {@code name} must differ between lanes and between runs of the program. */
    public Journal(Path folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /** What its files' names begin with. */
    public String name() {
        return name;
    }

    /** The file of its lane's {@link Slate}, beside its own. */
    public Path slate() {
        return folder.resolve(name + Slate.SUFFIX);
    }

    /** Whether this journal wrote the file, or it is its lane's slate. */
    public boolean wrote(Path file) {
        String other = file.getFileName().toString();
        return other.startsWith(name + "-") || other.equals(name + Slate.SUFFIX);
    }

    /** Name of a journal's file of that number. */
    public static String fileName(String journal, int number) {
        return journal + "-" + String.format("%06d", number) + ".log";
    }

    /** Number of one of its files. */
    public int numberOf(Path file) {
        String text = file.getFileName().toString();
        return Integer.parseInt(text.substring(name.length() + 1, text.length() - ".log".length()));
    }

    /** Where the last record that left the process ends; see {@link Mark}. */
    public long mark() {
        return Mark.of(number, size);
    }

    /** Whether the disk refuses, so that records wait in memory. */
    public boolean waits() {
        return !waiting.isEmpty();
    }

    /** Writes one record; whether it has left the process when this returns. It waits in memory when the disk refuses. */
    public boolean append(Buffer record) {
        return append(List.of(record));
    }

    /** The same with several at once, in one write. */
    public boolean append(List<Buffer> records) {
        if (!waiting.isEmpty()) {
            records.forEach(this::later);
            retry();
            return waiting.isEmpty();
        }
        try {
            write(records);
            return true;
        } catch (IOException | OutOfMemoryError e) {
            // The latter when direct memory is used up, of which a larger group needs a larger part.
            LOG.error("The journal in {} cannot be written ({}); spend waits in memory", folder, e.toString());
            records.forEach(this::later);
            return false;
        }
    }

    private void later(Buffer record) {
        if (waiting.size() < MOST_WAITING) {
            waiting.add(record);
            return;
        }
        long count = lost.incrementAndGet();
        if (count % MOST_AT_ONCE == 1) {
            LOG.error(
                    "{} spend records are lost: the journal in {} cannot be written and {} wait already",
                    count,
                    folder,
                    MOST_WAITING);
        }
    }

    /** Tries to write what waits, as much as an event loop may at once; to be called now and then, for nothing may follow it. */
    public void retry() {
        if (waiting.isEmpty()) {
            return;
        }
        try {
            for (int i = 0; i < MOST_AT_ONCE && !waiting.isEmpty(); i++) {
                write(List.of(waiting.element()));
                waiting.remove();
            }
            if (waiting.isEmpty()) {
                LOG.info("The journal in {} can be written again", folder);
            }
        } catch (IOException | OutOfMemoryError _) {
            // Still refused; the first refusal was logged.
        }
    }

    private void write(List<Buffer> records) throws IOException {
        FileChannel file = open();
        int length = 0;
        for (Buffer record : records) {
            length += HEADER + record.length();
        }
        if (scratch.capacity() < length) {
            scratch = ByteBuffer.allocateDirect(Math.max(length, Math.min(2 * length, LARGE)));
        }
        int end = 0;
        for (Buffer record : records) {
            end = put(record, end);
        }
        scratch.limit(end).position(0);
        long at = size;
        while (scratch.hasRemaining()) {
            at += file.write(scratch, at);
        }
        size = at;
        dirty = true;
    }

    /** Puts a record behind others that are to be written; where it ends. */
    private int put(Buffer record, int at) {
        int from = at + HEADER;
        int end = from + record.length();
        scratch.clear().limit(end).position(from);
        ((BufferInternal) record).getByteBuf().getBytes(0, scratch);
        sum.reset();
        sum.update(scratch.position(from));
        scratch.putInt(at, record.length()).putInt(at + 4, (int) sum.getValue());
        return end;
    }

    /** The file to write to; another one when it is full, or when an interrupt of the thread has closed it. */
    private FileChannel open() throws IOException {
        FileChannel file = channel;
        if (file != null && file.isOpen() && size < SEGMENT) {
            return file;
        }
        Files.createDirectories(folder);
        FileChannel fresh = create();
        if (file != null) {
            full.add(file);
        }
        channel = fresh;
        size = 0;
        newFile = true;
        return fresh;
    }

    /** Names the file before it is there: who sees a file that is nobody's current one may take it for finished. */
    private FileChannel create() throws IOException {
        while (true) {
            int next = segment++;
            Path path = folder.resolve(fileName(name, next));
            current = path;
            try {
                FileChannel made = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                number = next;
                return made;
            } catch (FileAlreadyExistsException _) {
                // An earlier run's, from before the clock went back.
            }
        }
    }

    /** The file being written, or null when nothing was written yet. */
    public @Nullable Path current() {
        return current;
    }

    /** Records that found no room while the disk refused. */
    public long lost() {
        return lost.get();
    }

    /** Brings what was written to the disk. */
    synchronized void sync() {
        for (FileChannel file = full.poll(); file != null; file = full.poll()) {
            force(file);
            closed(file);
        }
        FileChannel file = channel;
        if (dirty && file != null) {
            dirty = false;
            force(file);
        }
        if (newFile) {
            newFile = false;
            forceFolder();
        }
    }

    private void force(FileChannel file) {
        try {
            file.force(false);
            syncFails = false;
        } catch (IOException e) {
            dirty = true;
            if (!syncFails && file.isOpen()) {
                LOG.error("The journal in {} cannot be synced: {}", folder, e.toString());
                syncFails = true;
            }
        }
    }

    /** A new file is only there after a loss of power when its folder was synced, too. */
    private void forceFolder() {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            LOG.debug("This system cannot sync a folder: {}", e.toString());
        }
    }

    private static void closed(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("The journal did not close: {}", e.toString());
        }
    }

    /** Writes what waits, syncs and closes. */
    public void close() {
        for (int before = -1; before != waiting.size() && !waiting.isEmpty(); ) {
            before = waiting.size();
            retry();
        }
        if (!waiting.isEmpty()) {
            lost.addAndGet(waiting.size());
            LOG.error("{} spend records are lost: the journal in {} cannot be written", waiting.size(), folder);
            waiting.clear();
        }
        sync();
        FileChannel file = channel;
        channel = null;
        current = null;
        if (file != null) {
            closed(file);
        }
    }
}
