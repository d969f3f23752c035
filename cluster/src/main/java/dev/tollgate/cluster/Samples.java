package dev.tollgate.cluster;

import java.util.Arrays;

/** The latest measurements of something, each forgotten when it is too old. */
public final class Samples {
    private static final int FIRST_SIZE = 10;

    private double[] seconds = new double[FIRST_SIZE];
    private long[] at = new long[FIRST_SIZE];
    private int count;

    /** Of all that are kept: usually none is too old, and every choice asks for every deployment's mean. */
    private double sum;

    /** Adds one; of what is there, the oldest go so that at most {@code most} are left. */
    public void add(double value, long nowMillis, int most) {
        int kept = Math.min(count, Math.max(0, most - 1));
        if (kept < count) {
            System.arraycopy(seconds, count - kept, seconds, 0, kept);
            System.arraycopy(at, count - kept, at, 0, kept);
        } else if (kept == seconds.length) {
            seconds = Arrays.copyOf(seconds, kept * 2);
            at = Arrays.copyOf(at, kept * 2);
        }
        seconds[kept] = value;
        at[kept] = nowMillis;
        count = kept + 1;
        sum = 0;
        for (int i = 0; i < count; i++) {
            sum += seconds[i];
        }
    }

    /**
     * What this share of those added since then (milliseconds since 1970) does not exceed, in seconds; NaN when there are fewer than
     * {@code fewest}.
     */
    public double percentile(double share, long sinceMillis, int fewest) {
        double[] counted = new double[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (at[i] >= sinceMillis) {
                counted[size++] = seconds[i];
            }
        }
        if (size < Math.max(1, fewest)) {
            return Double.NaN;
        }
        Arrays.sort(counted, 0, size);
        return counted[Math.clamp((int) Math.ceil(share * size) - 1, 0, size - 1)];
    }

    /** The mean of those added since then (milliseconds since 1970), in seconds; NaN when there is none. */
    public double mean(long sinceMillis) {
        if (count > 0 && at[0] >= sinceMillis) {
            return sum / count;
        }
        double recent = 0;
        int counted = 0;
        for (int i = 0; i < count; i++) {
            if (at[i] >= sinceMillis) {
                recent += seconds[i];
                counted++;
            }
        }
        return counted == 0 ? Double.NaN : recent / counted;
    }

    /** The value below which this share (0 to 100) of those added since then lies, in seconds; NaN when there is none. */
    public double percentile(double share, long sinceMillis) {
        double[] recent = new double[count];
        int counted = 0;
        for (int i = 0; i < count; i++) {
            if (at[i] >= sinceMillis) {
                recent[counted++] = seconds[i];
            }
        }
        if (counted == 0) {
            return Double.NaN;
        }
        Arrays.sort(recent, 0, counted);
        return recent[Math.max(0, (int) Math.ceil(share / 100 * counted) - 1)];
    }
}
