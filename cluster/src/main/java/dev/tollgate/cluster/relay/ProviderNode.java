package dev.tollgate.cluster.relay;

import java.time.Duration;
import java.util.Arrays;

/** What one lane knows of a node that plays the provider role. */
final class ProviderNode {
    /** One that was not heard of for so long does not count any more, whatever the cluster says of it. */
    static final Duration LOST = Duration.ofSeconds(5);

    final String id;
    final String name;
    private long knownSince;

    /** When each of its lanes was heard of last; empty until the first was. */
    private long[] heard = new long[0];

    /** What each of its lanes has under way for others than this lane. */
    private int[] others = new int[0];

    /** It takes nothing new, because it is about to go. */
    private boolean leaving;

    /** What it has under way for this lane. */
    int underway;

    ProviderNode(String id, String name, long nowNanos) {
        this.id = id;
        this.name = name;
        this.knownSince = nowNanos;
    }

    /** One of its lanes answered a pulse. */
    void heard(int lane, int lanes, int load, int own, boolean isLeaving, long nowNanos) {
        if (heard.length != lanes) {
            heard = new long[lanes];
            others = new int[lanes];
            Arrays.fill(heard, nowNanos);
        }
        heard[lane] = nowNanos;
        others[lane] = Math.max(0, load - own);
        leaving = isLeaving;
    }

    /** This node stood still for so long itself. */
    void excuse(long nanos) {
        knownSince += nanos;
        for (int i = 0; i < heard.length; i++) {
            heard[i] += nanos;
        }
    }

    /** Whether it has ever answered. */
    boolean known() {
        return heard.length > 0;
    }

    boolean leaving() {
        return leaving;
    }

    /** Which of its lanes carries an attempt of that number; the same as {@link ServingLane} thinks. */
    boolean silent(long number, long nowNanos) {
        long last = known() ? heard[(int) Math.floorMod(number, (long) heard.length)] : knownSince;
        return nowNanos - last > LOST.toNanos();
    }

    /** Whether none of its lanes was heard of. */
    boolean silent(long nowNanos) {
        long last = knownSince;
        for (long each : heard) {
            last = Math.max(last, each);
        }
        return nowNanos - last > LOST.toNanos();
    }

    /** Attempts under way there, as far as it is known here. */
    int load() {
        int sum = underway;
        for (int each : others) {
            sum += each;
        }
        return sum;
    }
}
