package dev.tollgate.accounting.journal;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
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

    private JournalReader() {}

    /**
     * What was read.
     *
     * @param records whole records
     * @param next position after the last of them
     * @param end whether the file holds nothing whole behind it
     */
    public record Batch(List<Buffer> records, long next, boolean end) {}

    /** At most {@code most} records from a position on. */
    public static Batch read(Path file, long position, int most) throws IOException {
        List<Buffer> records = new ArrayList<>();
        long at = position;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            while (records.size() < most) {
                if (at + HEADER > size) {
                    return new Batch(records, at, true);
                }
                fill(channel, header.clear(), at);
                int length = header.getInt(0);
                if (length <= 0 || length > LONGEST || at + HEADER + length > size) {
                    return new Batch(records, at, true);
                }
                ByteBuffer bytes = ByteBuffer.allocate(length);
                fill(channel, bytes, at + HEADER);
                if (sum(bytes.array(), 0, length) != header.getInt(4)) {
                    return new Batch(records, at, true);
                }
                records.add(Buffer.buffer(bytes.array()));
                at += HEADER + length;
            }
        }
        return new Batch(records, at, false);
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
        Extract found = whole(file, from, room);
        if (found.records() > 0) {
            return found;
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        fill(file, header, from);
        long length = HEADER + (long) header.getInt(0);
        boolean fits = length > room && length <= LONGEST && from + length <= end;
        return fits ? whole(file, from, (int) length) : found;
    }

    private static Extract whole(FileChannel channel, long from, int room) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(room);
        fill(channel, bytes, from);
        int at = 0;
        int records = 0;
        while (at + HEADER <= room) {
            int length = bytes.getInt(at);
            if (length <= 0
                    || length > room - HEADER - at
                    || sum(bytes.array(), at + HEADER, length) != bytes.getInt(at + 4)) {
                break;
            }
            at += HEADER + length;
            records++;
        }
        return new Extract(Buffer.buffer(bytes.array()).slice(0, at), records);
    }

    /**
     * Where the next whole record begins behind a damaged place, or -1 when there is none: every position is tried, for the
     * damaged record's length may be what is damaged.
     */
    public static long resume(Path file, long damaged) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer rest = ByteBuffer.allocate((int) Math.clamp(channel.size() - damaged, 0, 4L * LONGEST));
            fill(channel, rest, damaged);
            for (int at = 1; at + HEADER < rest.capacity(); at++) {
                int length = rest.getInt(at);
                if (length > 0
                        && length <= rest.capacity() - HEADER - at
                        && sum(rest.array(), at + HEADER, length) == rest.getInt(at + 4)) {
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

    private static void fill(FileChannel channel, ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int read = channel.read(target, at);
            if (read < 0) {
                throw new IOException("The file became shorter while it was read");
            }
            at += read;
        }
    }
}
