package dev.tollgate.cluster;

import dev.tollgate.protocol.FailureKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How often attempts on one deployment failed in this minute, in all and by kind, added up by all lanes of the node without a lock; the
 * words are those of {@link LoadCells}. Most deployments never fail, so there are no counters of kinds before the first failure.
 */
final class Failures {
    private final AtomicLong all = new AtomicLong();

    /** Each map is never changed once it is there. */
    private final AtomicReference<Map<FailureKind, AtomicLong>> byKind = new AtomicReference<>(Map.of());

    void add(FailureKind kind, long nowMillis) {
        AtomicLong known = byKind.get().get(kind);
        add(known == null ? made(kind) : known, nowMillis);
        add(all, nowMillis);
    }

    private AtomicLong made(FailureKind kind) {
        AtomicLong counter = new AtomicLong();
        Map<FailureKind, AtomicLong> made = byKind.updateAndGet(known -> {
            Map<FailureKind, AtomicLong> more = new EnumMap<>(FailureKind.class);
            more.putAll(known);
            more.putIfAbsent(kind, counter);
            return more;
        });
        return made.getOrDefault(kind, counter);
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
        AtomicLong known = byKind.get().get(kind);
        return known == null ? 0 : LoadCells.count(known.getOpaque(), nowMillis);
    }

    void clear() {
        all.setOpaque(0);
        byKind.get().values().forEach(counter -> counter.setOpaque(0));
    }
}
