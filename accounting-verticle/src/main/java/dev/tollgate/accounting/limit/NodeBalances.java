package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Balances of this node's counters. */
public final class NodeBalances implements Balances {
    private final Counters counters;
    private final BiFunction<Charge, Long, Future<Void>> storing;
    private final Supplier<ZoneId> zone;
    private final InstantSource clock;

    /**
     * Reads and changes these counters.
     *
     * @param storing adds an amount to a stored balance
     * @param zone where days begin, now
     */
    public NodeBalances(
            Counters counters,
            BiFunction<Charge, Long, Future<Void>> storing,
            Supplier<ZoneId> zone,
            InstantSource clock) {
        this.counters = counters;
        this.storing = storing;
        this.zone = zone;
        this.clock = clock;
    }

    @Override
    public long spentNanos(Holder holder) {
        return counters.purse(holder).spentAt(clock.instant());
    }

    /** A new period begins now with that amount in it; what was settled before counts for the one that ended. */
    @Override
    public void set(Holder holder, long nanos) {
        long now = clock.millis();
        storing.apply(new Charge(holder, now), nanos).await();
        counters.purse(holder).set(nanos, now);
    }

    /** The stored period would look like one that ended long ago; another begins, with what was spent in it. */
    @Override
    public void carry(Holder holder) {
        long now = clock.millis();
        long spent = counters.purse(holder).restart(now);
        storing.apply(new Charge(holder, now), spent).await();
    }

    @Override
    public long resetsAtMillis(Holder holder, Limits limits) {
        return counters.purse(holder).endMillis(limits, clock.instant(), zone.get());
    }
}
