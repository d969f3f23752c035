package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was set by hand since the start. Only until admission's counters are merged, which know what calls cost: then the desk gets
 * those, and this goes.
 */
final class RunBalances implements Balances {
    private final Map<Holder, Long> set = new ConcurrentHashMap<>();

    @Override
    public long spentNanos(Holder holder) {
        return set.getOrDefault(holder, 0L);
    }

    @Override
    public void set(Holder holder, long nanos) {
        set.put(holder, nanos);
    }

    @Override
    public long resetsAtMillis(Holder holder, Limits limits) {
        return limits.period() == null
                ? 0
                : limits.period().end(Instant.now(), ZoneOffset.UTC).toEpochMilli();
    }
}
