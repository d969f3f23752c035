package dev.tollgate.accounting.journal;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
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
 * What one lane has under way, in a file: an entry is written when it begins and wiped when it is over, so that a run that was killed
 * leaves just what it had not finished; {@link SlateReader} finds it. The file is mapped into memory: writing an entry is a copy and a
 * checksum, wiping it one number, and neither calls the system. Both survive the death of the process at once. The system brings
 * them to the disk when it likes to, so a loss of power may forget what began in the last half minute or so. A
 * file has room for the most that was under way at once, and goes with its run.
 *
 * <p>The file is made of chunks, and a chunk of slots of one size. A slot is its size, the length of its entry or 0, the entry's CRC-32C,
 * and the entry. The length is written last, and the checksum tells an entry that was cut short from a whole one.
 *
 * <p>Used on the lane's event loop only. When the disk refuses, work goes on without an entry; that is counted and logged.
 */
public final class Slate {
    private static final Logger LOG = LoggerFactory.getLogger(Slate.class);
    /** What its file's name ends with. */
    public static final String SUFFIX = ".slate";

    static final int CHUNK = 256 << 10;
    static final int HEADER = 12;
    static final int LENGTH_AT = 4;
    static final int SUM_AT = 8;
    private static final int SMALLEST = 1 << 10;
    /** Each size is so many times the one before; the last is the chunk's. */
    private static final int STEP = 4;

    private static final int SIZES = 5;
    private static final long SAY_AGAIN = 1_000;

    private final Path file;
    private final Deque<Entry>[] free;
    private final CRC32C sum = new CRC32C();
    private final AtomicLong missed = new AtomicLong();
    private @Nullable FileChannel channel;
    private long size;
    private int live;
    private boolean refused;

    /** A place for one entry. */
    public static final class Entry {
        private final MappedByteBuffer chunk;
        private final int at;
        private final int sizeNumber;

        private Entry(MappedByteBuffer chunk, int at, int sizeNumber) {
            this.chunk = chunk;
            this.at = at;
            this.sizeNumber = sizeNumber;
        }
    }

    /** One that has no file before its first entry. {@code file} must not be there. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public Slate(Path file) {
        this.file = file;
        this.free = new Deque[SIZES];
        for (int i = 0; i < SIZES; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    /** Writes an entry, which has left the process when this returns; null: there is no room for it. */
    public @Nullable Entry write(Buffer record) {
        int number = sizeNumber(HEADER + record.length());
        if (number == SIZES) {
            return missed("an entry of " + record.length() + " bytes is too long");
        }
        if (free[number].isEmpty() && refused) {
            return missed("there was no room a moment ago");
        }
        try {
            if (free[number].isEmpty()) {
                grow(number);
            }
            Entry entry = free[number].removeFirst();
            put(record, entry);
            live++;
            return entry;
        } catch (IOException | InternalError e) {
            // The latter is what a fault of mapped memory comes as.
            refused = true;
            return missed(e.toString());
        }
    }

    /** To be called now and then: a disk that refused is tried again only after that. */
    public void retry() {
        refused = false;
    }

    private void put(Buffer record, Entry entry) {
        MappedByteBuffer chunk = entry.chunk;
        int from = entry.at + HEADER;
        int end = from + record.length();
        chunk.limit(end).position(from);
        ((BufferInternal) record).getByteBuf().getBytes(0, chunk);
        sum.reset();
        sum.update(chunk.position(from));
        chunk.limit(CHUNK);
        chunk.putInt(entry.at + SUM_AT, (int) sum.getValue());
        chunk.putInt(entry.at + LENGTH_AT, record.length());
    }

    /** It is over. An entry is wiped once. */
    public void wipe(Entry entry) {
        try {
            entry.chunk.putInt(entry.at + LENGTH_AT, 0);
            // The one that is in the processor's cache comes first.
            free[entry.sizeNumber].addFirst(entry);
            live--;
        } catch (InternalError e) {
            LOG.error("An entry of {} cannot be wiped: {}", file, e.toString());
        }
    }

    private static int sizeNumber(int bytes) {
        int number = 0;
        for (int size = SMALLEST; number < SIZES && size < bytes; size *= STEP) {
            number++;
        }
        return number;
    }

    /** The zeros are written before they are mapped, so that a full disk refuses here and not in the midst of an entry. */
    private void grow(int number) throws IOException {
        FileChannel open = open();
        ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
        int slot = SMALLEST;
        for (int i = 0; i < number; i++) {
            slot *= STEP;
        }
        for (int at = 0; at < CHUNK; at += slot) {
            zeros.putInt(at, slot);
        }
        try {
            for (long at = size; zeros.hasRemaining(); ) {
                at += open.write(zeros, at);
            }
        } catch (IOException e) {
            // The journal needs the last blocks more.
            open.truncate(size);
            throw e;
        }
        MappedByteBuffer chunk = open.map(MapMode.READ_WRITE, size, CHUNK);
        size += CHUNK;
        for (int at = 0; at < CHUNK; at += slot) {
            free[number].addLast(new Entry(chunk, at, number));
        }
    }

    private FileChannel open() throws IOException {
        FileChannel open = channel;
        if (open == null || !open.isOpen()) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel = open;
        }
        return open;
    }

    private @Nullable Entry missed(String why) {
        long count = missed.incrementAndGet();
        if (count % SAY_AGAIN == 1) {
            LOG.error(
                    "{} cannot be written ({}); calls go on, and {} of them are missing from the account if this node is"
                            + " killed before they end",
                    file,
                    why,
                    count);
        }
        return null;
    }

    /** Entries for which there was no room. From any thread. */
    public long missed() {
        return missed.get();
    }

    /** Entries that are not wiped. */
    public int live() {
        return live;
    }

    /** Nothing is written any more. The file goes, unless something is left that the next run must know. */
    public void close() {
        try {
            FileChannel open = channel;
            if (open != null) {
                open.close();
            }
            if (live == 0) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("{} stays until the next start: {}", file, e.toString());
        }
    }
}
