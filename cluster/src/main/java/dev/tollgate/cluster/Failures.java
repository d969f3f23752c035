package dev.tollgate.cluster;

import dev.tollgate.protocol.FailureKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How often attempts on one deployment failed in this minute, in all and by kind, added up by all lanes of the node without a lock; the
 * words are those of {@link LoadCells}. Most deployments never fail, so there are no counters of kinds before the first failure.
 */
final class Failures {
    private final AtomicLong all = new AtomicLong();

    /** Never changed once it is there. */
    private volatile Map<FailureKind, AtomicLong> byKind = Map.of();

    void add(FailureKind kind, long nowMillis) {
        AtomicLong known = byKind.get(kind);
        add(known == null ? made(kind) : known, nowMillis);
        add(all, nowMillis);
    }

    private synchronized AtomicLong made(FailureKind kind) {
        AtomicLong known = byKind.get(kind);
        if (known != null) {
            return known;
        }
        Map<FailureKind, AtomicLong> more = new EnumMap<>(FailureKind.class);
        more.putAll(byKind);
        AtomicLong counter = new AtomicLong();
        more.put(kind, counter);
        byKind = more;
        return counter;
    }

    private static void add(AtomicLong counter, long nowMillis) {
        long word;
        do {
            word = counter.getOpaque();
        } while (!counter.compareAndSet(word, LoadCells.sum(word, nowMillis, 1)));
    }

    long in(long nowMillis) {
        return LoadCells.count(all.getOpaque(), nowMillis);
    }

    long of(FailureKind kind, long nowMillis) {
        AtomicLong known = byKind.get(kind);
        return known == null ? 0 : LoadCells.count(known.getOpaque(), nowMillis);
    }

    void clear() {
        all.setOpaque(0);
        byKind.values().forEach(counter -> counter.setOpaque(0));
    }
}
