package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Balances of this node's counters. */
public final class NodeBalances implements Balances {
    private final Counters counters;
    private final Function<Map<Charge, Long>, Future<Void>> storing;
    private final Supplier<ZoneId> zone;
    private final InstantSource clock;

    /**
     * Reads and changes these counters.
     *
     * @param storing adds amounts to stored balances, all or nothing
     * @param zone where days begin, now
     */
    public NodeBalances(
            Counters counters,
            Function<Map<Charge, Long>, Future<Void>> storing,
            Supplier<ZoneId> zone,
            InstantSource clock) {
        this.counters = counters;
        this.storing = storing;
        this.zone = zone;
        this.clock = clock;
    }

    @Override
    public void known(Duration longest) {
        if (!counters.loaded().isComplete() && longest.isPositive()) {
            counters.loaded()
                    .timeout(Math.max(1, longest.toMillis()), TimeUnit.MILLISECONDS)
                    .transform(_ -> Future.succeededFuture())
                    .await();
        }
    }

    @Override
    public long spentNanos(Holder holder) {
        return counters.purse(holder).spentAt(clock.instant());
    }

    @Override
    public List<Holder> parts(Set<Holder> of) {
        Set<Holder> known = new HashSet<>(of);
        // Whoever has spent nothing has no part of it either.
        known.removeIf(holder -> !counters.counts(holder));
        return known.isEmpty() ? List.of() : counters.parts(known);
    }

    @Override
    public void found(Set<Holder> carry) {
        if (!carry.isEmpty() && !counters.loaded().isComplete()) {
            throw new IllegalStateException("the store has not said yet what earlier runs spent");
        }
    }

    /**
     * A new period begins now for each, for the stored one would look like one that ended long ago; what was settled before counts for
     * the one that ended. It begins when it is stored: calls that end after a failure would count in a period that says nothing of what
     * was spent before. Those that end meanwhile count in the old one, and are added to the new one.
     */
    @Override
    public void change(Map<Holder, Long> set, Set<Holder> carry) {
        if (set.isEmpty() && carry.isEmpty()) {
            return;
        }
        long now = clock.millis();
        List<Charge> setNow =
                set.keySet().stream().map(holder -> counters.begun(holder, now)).toList();
        List<Charge> carried =
                carry.stream().map(holder -> counters.begun(holder, now)).toList();
        Map<Charge, Long> amounts = new HashMap<>();
        carried.forEach(
                charge -> amounts.put(charge, counters.purse(charge.holder()).carried()));
        setNow.forEach(charge -> amounts.put(charge, set.getOrDefault(charge.holder(), 0L)));
        storing.apply(amounts).await();
        setNow.forEach(
                charge -> counters.purse(charge.holder()).set(amounts.getOrDefault(charge, 0L), charge.periodMillis()));
        Map<Charge, Long> meanwhile = new HashMap<>();
        for (Charge charge : carried) {
            long more =
                    counters.purse(charge.holder()).restart(charge.periodMillis()) - amounts.getOrDefault(charge, 0L);
            if (more != 0) {
                meanwhile.put(charge, more);
            }
        }
        if (!meanwhile.isEmpty()) {
            storing.apply(meanwhile).await();
        }
    }

    @Override
    public long resetsAtMillis(Holder holder, Limits limits) {
        return counters.purse(holder).endMillis(limits, clock.instant(), zone.get());
    }
}
