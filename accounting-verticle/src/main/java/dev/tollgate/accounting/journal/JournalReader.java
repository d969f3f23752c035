package dev.tollgate.accounting.journal;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads whole records of a journal file from a position on; stops at a record that is not complete or not what was written. */
public final class JournalReader {
    private static final int HEADER = 8;
    private static final int LONGEST = 16 << 20;
    private static final int BLOCK = 64 << 10;
    private static final VarHandle NUMBER = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private JournalReader() {}

    /**
     * What was read.
     *
     * @param records whole records
     * @param next position after the last of them
     * @param end whether the file holds nothing whole behind it
     */
    public record Batch(List<Buffer> records, long next, boolean end) {}

    /**
     * At most {@code most} records from a position on. The file is read in blocks, of which the records are parts: a call of the system for
     * each record would cost more than reading it.
     */
    public static Batch read(Path file, long position, int most) throws IOException {
        List<Buffer> records = new ArrayList<>();
        long at = position;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            while (records.size() < most) {
                int taken = take(bytes(channel, at, Math.clamp(size - at, 0, BLOCK)), most, records);
                if (taken == 0) {
                    taken = take(bytes(channel, at, longer(channel, at, size)), most, records);
                }
                if (taken == 0) {
                    return new Batch(records, at, true);
                }
                at += taken;
            }
        }
        return new Batch(records, at, false);
    }

    /** What the record there takes, when it is one that has no room in a block; else 0. */
    private static int longer(FileChannel channel, long at, long size) throws IOException {
        if (size - at <= BLOCK) {
            return 0;
        }
        int length = number(bytes(channel, at, HEADER), 0);
        return length > BLOCK - HEADER && length <= LONGEST && HEADER + length <= size - at ? HEADER + length : 0;
    }

    /** Adds the block's whole records until there are enough; how many bytes they take. */
    private static int take(byte[] block, int most, List<Buffer> records) {
        Buffer bytes = Buffer.buffer(block);
        int at = 0;
        for (int length = whole(block, at); length > 0 && records.size() < most; length = whole(block, at)) {
            records.add(bytes.slice(at + HEADER, at + HEADER + length));
            at += HEADER + length;
        }
        return at;
    }

    /** The length of the whole record there, without its head; 0: there is none. */
    private static int whole(byte[] bytes, int at) {
        if (bytes.length - at < HEADER) {
            return 0;
        }
        int length = number(bytes, at);
        boolean whole = length > 0
                && length <= bytes.length - HEADER - at
                && sum(bytes, at + HEADER, length) == number(bytes, at + 4);
        return whole ? length : 0;
    }

    private static int number(byte[] bytes, int at) {
        return (int) NUMBER.get(bytes, at);
    }

    /**
     * Part of a file as it stands there, cut at the end of a record.
     *
     * @param bytes whole records with their heads
     * @param records how many
     */
    public record Extract(Buffer bytes, int records) {}

    /**
     * Whole records from one position to another, as they stand in the file, heads and all: as many as {@code most} bytes hold, but
     * one at least. Without bytes: there is no whole record.
     */
    public static Extract extract(FileChannel file, long from, long until, int most) throws IOException {
        long end = Math.min(file.size(), until);
        int room = Math.clamp(end - from, 0, most);
        if (room < HEADER) {
            return new Extract(Buffer.buffer(), 0);
        }
        Extract found = records(file, from, room);
        if (found.records() > 0) {
            return found;
        }
        long length = HEADER + (long) number(bytes(file, from, HEADER), 0);
        boolean fits = length > room && length <= LONGEST && from + length <= end;
        return fits ? records(file, from, (int) length) : found;
    }

    private static Extract records(FileChannel channel, long from, int room) throws IOException {
        byte[] bytes = bytes(channel, from, room);
        int at = 0;
        int records = 0;
        for (int length = whole(bytes, at); length > 0; length = whole(bytes, at)) {
            at += HEADER + length;
            records++;
        }
        return new Extract(Buffer.buffer(bytes).slice(0, at), records);
    }

    /**
     * Where the next whole record begins behind a damaged place, or -1 when there is none: every position is tried, for the
     * damaged record's length may be what is damaged.
     */
    public static long resume(Path file, long damaged) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            byte[] rest = bytes(channel, damaged, Math.clamp(channel.size() - damaged, 0, 4L * LONGEST));
            for (int at = 1; at + HEADER < rest.length; at++) {
                if (whole(rest, at) > 0) {
                    return damaged + at;
                }
            }
        }
        return -1;
    }

    private static int sum(byte[] bytes, int start, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, start, length);
        return (int) sum.getValue();
    }

    private static byte[] bytes(FileChannel channel, long position, long length) throws IOException {
        byte[] bytes = new byte[(int) length];
        ByteBuffer target = ByteBuffer.wrap(bytes);
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                throw new IOException("The file became shorter while it was read");
            }
        }
        return bytes;
    }
}
