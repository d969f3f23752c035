package dev.tollgate.accounting.journal;

/**
 * A place in one journal, as one number that grows with the journal: which of its files, and how many bytes into it. Everything that
 * was written before a place has a smaller one.
 */
public final class Mark {
    private Mark() {}

    /** {@code position} is in bytes; a file has fewer than 4 GB. */
    public static long of(int file, long position) {
        return ((long) file << 32) | position;
    }

    /** Number of the file. */
    public static int file(long mark) {
        return (int) (mark >>> 32);
    }

    /** Bytes into the file. */
    public static long position(long mark) {
        return mark & 0xffff_ffffL;
    }
}
