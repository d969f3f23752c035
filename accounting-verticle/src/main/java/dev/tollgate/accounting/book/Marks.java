package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A short mark of each entry of a store. Entries fall into buckets by their names; the sums of the buckets' marks tell two nodes in 32 kB
 * where their stores differ, whatever is in there. For one thread.
 */
final class Marks {
    static final int BUCKETS = 4_096;

    private final Map<Holder, Mark> marks = new HashMap<>();
    private final TreeSet<Mark> inOrder = new TreeSet<>(Mark.ORDER);
    private final long[] sums = new long[BUCKETS];
    private long total;

    /**
     * One entry's.
     *
     * @param sum made of all of it
     * @param deletedMillis when it was deleted, or {@link Long#MAX_VALUE}
     */
    record Mark(Holder holder, long stamp, long sum, long deletedMillis) {
        /** Whoever gets entries in this order has budgets before those who have one, and keys after all that limits them. */
        static final Comparator<Mark> ORDER = Comparator.<Mark>comparingInt(mark -> switch (mark.holder.kind()) {
                    case BUDGET -> 0;
                    case KEY -> 2;
                    default -> 1;
                })
                .thenComparingLong(Mark::stamp)
                .thenComparing(mark -> mark.holder.kind())
                .thenComparing(mark -> mark.holder.id());

        /** A place in that order. */
        static Mark place(Holder holder, long stamp) {
            return new Mark(holder, stamp, 0, 0);
        }
    }

    void put(Stamped entry) {
        Holder holder = entry.holder();
        remove(marks.get(holder));
        Mark mark =
                new Mark(holder, entry.stamp(), sum(entry), entry.document() == null ? entry.millis() : Long.MAX_VALUE);
        marks.put(holder, mark);
        inOrder.add(mark);
        sums[bucket(holder)] += mark.sum;
        total += mark.sum;
    }

    private void remove(@Nullable Mark mark) {
        if (mark != null) {
            marks.remove(mark.holder);
            inOrder.remove(mark);
            sums[bucket(mark.holder)] -= mark.sum;
            total -= mark.sum;
        }
    }

    /** Deletions of before that time are in no store any more. */
    void forget(long beforeMillis) {
        List.copyOf(inOrder).stream()
                .filter(mark -> mark.deletedMillis < beforeMillis)
                .forEach(this::remove);
    }

    boolean has(Holder holder) {
        return marks.containsKey(holder);
    }

    /** Equal where two nodes have the same. */
    long total() {
        return total;
    }

    /** The sum of each bucket. */
    Buffer digests() {
        Buffer digests = Buffer.buffer(Long.BYTES * BUCKETS);
        for (long sum : sums) {
            digests.appendLong(sum);
        }
        return digests;
    }

    /**
     * Some entries that whoever has these digests may lack, in {@link Mark#ORDER}.
     *
     * @param after where to go on, or null
     */
    List<Mark> lacking(Buffer digests, @Nullable Mark after, int most) {
        return (after == null ? inOrder : inOrder.tailSet(after, false))
                .stream()
                        .filter(mark -> differs(digests, bucket(mark.holder)))
                        .limit(most)
                        .toList();
    }

    private boolean differs(Buffer digests, int bucket) {
        return digests.getLong(Long.BYTES * bucket) != sums[bucket];
    }

    /** On every node the same. */
    private static int bucket(Holder holder) {
        int hash = 31 * holder.kind().storedName().hashCode() + holder.id().hashCode();
        return (hash ^ hash >>> 16) * 0x9E3779B9 >>> 20;
    }

    private static long sum(Stamped entry) {
        String text = entry.kind().storedName()
                + '\n'
                + entry.id().length()
                + '\n'
                + entry.id()
                + '\n'
                + entry.stamp()
                + '\n'
                + entry.document();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Buffer.buffer(hash).getLong(0);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
