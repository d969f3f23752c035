package dev.tollgate.cluster;

import java.util.Arrays;

/** The latest measurements of something, each forgotten when it is too old. */
public final class Samples {
    private static final int FIRST_SIZE = 10;

    private double[] seconds = new double[FIRST_SIZE];
    private long[] at = new long[FIRST_SIZE];
    private int count;

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
        double sum = 0;
        int counted = 0;
        for (int i = 0; i < count; i++) {
            if (at[i] >= sinceMillis) {
                sum += seconds[i];
                counted++;
            }
        }
        return counted == 0 ? Double.NaN : sum / counted;
    }
}
