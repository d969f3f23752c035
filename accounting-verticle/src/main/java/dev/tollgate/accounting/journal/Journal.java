package dev.tollgate.accounting.journal;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane's append-only file of spend records. A record is its length, its CRC-32C, and its bytes; writing it into the page cache
 * takes about a microsecond and survives the death of the process, and {@link Syncer} brings it to the disk within ten
 * milliseconds, so that a loss of power costs at most that much. A torn record at the end is recognised by its checksum.
 *
 * <p>Used on the lane's event loop only, but for {@link #sync} and {@link #current}. When the disk refuses, calls go on: records wait
 * in memory, bounded, and are written when it works again; what does not fit is counted and logged.
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int HEADER = 8;
    private static final long SEGMENT = 16L << 20;
    private static final int MOST_WAITING = 10_000;

    private final Path folder;
    private final String name;
    private final Deque<Buffer> waiting = new ArrayDeque<>();
    private ByteBuffer scratch = ByteBuffer.allocateDirect(4096);
    private volatile @Nullable Path current;
    private volatile @Nullable FileChannel channel;
    private volatile boolean dirty;
    private final AtomicLong lost = new AtomicLong();
    private long size;
    private int segment;

    /** {@code name} must differ between lanes and between runs of the program. */
    public Journal(Path folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /** Writes one record; it has left the process when this returns, unless the disk refuses. */
    public void append(Buffer record) {
        if (!waiting.isEmpty()) {
            later(record);
            retry();
            return;
        }
        try {
            write(record);
        } catch (IOException e) {
            LOG.error("The journal in {} cannot be written ({}); spend waits in memory", folder, e.getMessage());
            later(record);
        }
    }

    private void later(Buffer record) {
        if (waiting.size() < MOST_WAITING) {
            waiting.add(record);
        } else {
            lost.incrementAndGet();
            LOG.error("A spend record is lost: the journal cannot be written and {} wait already", MOST_WAITING);
        }
    }

    private void retry() {
        try {
            while (!waiting.isEmpty()) {
                write(waiting.element());
                waiting.remove();
            }
            LOG.info("The journal in {} can be written again", folder);
        } catch (IOException _) {
            // Still refused; the first refusal was logged.
        }
    }

    private void write(Buffer record) throws IOException {
        FileChannel file = open();
        byte[] bytes = record.getBytes();
        if (scratch.capacity() < bytes.length + HEADER) {
            scratch = ByteBuffer.allocateDirect((bytes.length + HEADER) * 2);
        }
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        scratch.clear();
        scratch.putInt(bytes.length).putInt((int) sum.getValue()).put(bytes).flip();
        while (scratch.hasRemaining()) {
            file.write(scratch);
        }
        size += bytes.length + HEADER;
        dirty = true;
    }

    private FileChannel open() throws IOException {
        FileChannel file = channel;
        if (file != null && size < SEGMENT) {
            return file;
        }
        if (file != null) {
            file.force(false);
            file.close();
            channel = null;
        }
        Files.createDirectories(folder);
        Path path = folder.resolve(name + "-" + String.format("%06d", segment++) + ".log");
        FileChannel fresh = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        current = path;
        channel = fresh;
        size = 0;
        return fresh;
    }

    /** The file being written, or null when nothing was written yet. */
    public @Nullable Path current() {
        return current;
    }

    /** Records that found no room while the disk refused. */
    public long lost() {
        return lost.get();
    }

    /** Brings what was written to the disk; called from the syncing thread. */
    void sync() {
        FileChannel file = channel;
        if (dirty && file != null) {
            dirty = false;
            try {
                file.force(false);
            } catch (IOException e) {
                if (file.isOpen()) {
                    LOG.error("The journal in {} cannot be synced: {}", folder, e.getMessage());
                }
            }
        }
    }

    /** Syncs and closes. */
    public void close() {
        sync();
        FileChannel file = channel;
        channel = null;
        current = null;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("The journal did not close: {}", e.getMessage());
            }
        }
    }
}
