package dev.tollgate.cluster;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The latest measurements of something, each forgotten when it is too old. */
public final class Samples {
    private static final int FIRST_SIZE = 10;

    private double[] seconds = new double[FIRST_SIZE];
    private long[] at = new long[FIRST_SIZE];
    private int count;

    /** Of all that are kept, and when the first was taken: usually none is too old, and every choice asks for every deployment's mean. */
    private double mean = Double.NaN;

    private long oldest = Long.MAX_VALUE;

    /** What {@link #percentile} found last, of which share and how many: nothing changes between most choices. */
    private double percentile;

    private double percentileOf = Double.NaN;
    private int percentileAmong;

    /** What others have not been told yet; only where somebody collects it. */
    private @Nullable Fresh fresh;

    /**
     * Measurements that one lane took, in their order.
     *
     * @param seconds what was measured
     * @param atMillis when, in milliseconds since 1970
     */
    public record Taken(double[] seconds, long[] atMillis) {
        static final Taken NOTHING = new Taken(new double[0], new long[0]);

        boolean isEmpty() {
            return seconds.length == 0;
        }
    }

    /** The latest few, for others. */
    private static final class Fresh {
        private final double[] seconds = new double[FIRST_SIZE];
        private final long[] at = new long[FIRST_SIZE];
        private int count;

        void add(double value, long nowMillis) {
            if (count == FIRST_SIZE) {
                System.arraycopy(seconds, 1, seconds, 0, --count);
                System.arraycopy(at, 1, at, 0, count);
            }
            seconds[count] = value;
            at[count++] = nowMillis;
        }

        Taken taken() {
            Taken taken = new Taken(Arrays.copyOf(seconds, count), Arrays.copyOf(at, count));
            count = 0;
            return taken;
        }
    }

    /** From now on what is added here is kept for {@link #collect} as well. */
    void share() {
        fresh = new Fresh();
    }

    /** Forgets all, also what others have not been told. */
    void clear() {
        count = 0;
        mean = Double.NaN;
        oldest = Long.MAX_VALUE;
        Fresh told = fresh;
        if (told != null) {
            told.count = 0;
        }
    }

    /** What was added here since this was asked last, the latest of it. */
    Taken collect() {
        Fresh told = fresh;
        return told == null || told.count == 0 ? Taken.NOTHING : told.taken();
    }

    /** Adds what others measured, as many as there is room for among those that are kept. */
    void merge(Taken others, int most) {
        for (int i = 0; i < others.seconds().length; i++) {
            insert(others.seconds()[i], others.atMillis()[i], most);
        }
    }

    /** They are kept in the order of time, however late one arrives. */
    private void insert(double value, long atMillis, int most) {
        if (count >= most && atMillis <= at[0]) {
            return;
        }
        keep(value, atMillis, most);
        int place = count - 1;
        while (place > 0 && at[place - 1] > atMillis) {
            seconds[place] = seconds[place - 1];
            at[place] = at[place - 1];
            place--;
        }
        seconds[place] = value;
        at[place] = atMillis;
        oldest = at[0];
    }

    /** Adds one; of what is there, the oldest go so that at most {@code most} are left. */
    public void add(double value, long nowMillis, int most) {
        keep(value, nowMillis, most);
        if (fresh != null) {
            fresh.add(value, nowMillis);
        }
    }

    private void keep(double value, long nowMillis, int most) {
        int stay = Math.min(count, Math.max(0, most - 1));
        if (stay < count) {
            System.arraycopy(seconds, count - stay, seconds, 0, stay);
            System.arraycopy(at, count - stay, at, 0, stay);
        } else if (stay == seconds.length) {
            seconds = Arrays.copyOf(seconds, stay * 2);
            at = Arrays.copyOf(at, stay * 2);
        }
        seconds[stay] = value;
        at[stay] = nowMillis;
        count = stay + 1;
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += seconds[i];
        }
        mean = sum / count;
        oldest = at[0];
        percentileOf = Double.NaN;
    }

    /** The mean of those added since then (milliseconds since 1970), in seconds; NaN when there is none. */
    public double mean(long sinceMillis) {
        return oldest >= sinceMillis ? mean : mean(since(sinceMillis));
    }

    private double mean(int first) {
        double sum = 0;
        for (int i = first; i < count; i++) {
            sum += seconds[i];
        }
        return first == count ? Double.NaN : sum / (count - first);
    }

    /** The first that was added since then; they are in the order of time. */
    private int since(long sinceMillis) {
        int first = 0;
        while (first < count && at[first] < sinceMillis) {
            first++;
        }
        return first;
    }

    /** The value below which this share (0 to 100) of those added since then lies, in seconds; NaN when there is none. */
    public double percentile(double share, long sinceMillis) {
        return percentile(share / 100, sinceMillis, 1);
    }

    /**
     * What this share of those added since then (milliseconds since 1970) does not exceed, in seconds; NaN when there are fewer than
     * {@code fewest}.
     */
    public double percentile(double share, long sinceMillis, int fewest) {
        int first = oldest >= sinceMillis ? 0 : since(sinceMillis);
        int size = count - first;
        if (size < Math.max(1, fewest)) {
            return Double.NaN;
        }
        if (share != percentileOf || size != percentileAmong) {
            double[] sorted = Arrays.copyOfRange(seconds, first, count);
            Arrays.sort(sorted);
            percentile = sorted[Math.clamp((int) Math.ceil(share * size) - 1, 0, size - 1)];
            percentileOf = share;
            percentileAmong = size;
        }
        return percentile;
    }
}
