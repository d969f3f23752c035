package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.cluster.lease.Ends;
import dev.tollgate.cluster.lease.Leases;
import dev.tollgate.cluster.lease.Meter;
import dev.tollgate.cluster.lease.Outcome;
import dev.tollgate.cluster.lease.Share;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The ends of leases that are this node's purses and windows. */
public final class NodeShares implements Ends {
    private final Counters counters;
    private final Function<Charge, Future<Long>> stored;
    private final boolean oneStore;

    /** Of nodes with one store. {@code stored}: what it has of a balance, in nano-dollars. */
    public NodeShares(Counters counters, Function<Charge, Future<Long>> stored) {
        this(counters, stored, true);
    }

    private NodeShares(Counters counters, Function<Charge, Future<Long>> stored, boolean oneStore) {
        this.counters = counters;
        this.stored = stored;
        this.oneStore = oneStore;
    }

    /** Of nodes with a store each. {@code stored}: what all of these have of a balance together, in nano-dollars. */
    public static NodeShares ofTwins(Counters counters, Function<Charge, Future<Long>> stored) {
        return new NodeShares(counters, stored, false);
    }

    /** From now on nodes divide what may be used. Before anything is counted. */
    public void divide(Leases leases, Vertx vertx, InstantSource clock) {
        counters.divided(holder -> new OfHolder(holder, leases, vertx, clock));
    }

    @Override
    public @Nullable Share find(Meter meter) {
        return counters.share(meter);
    }

    @Override
    public Future<Long> stored(Meter meter) {
        Meters.Named named = Meters.read(meter);
        return named == null
                ? Future.failedFuture("Nothing is known of " + meter)
                : stored.apply(new Charge(named.holder(), Long.parseLong(named.first())));
    }

    @Override
    public boolean oneStore() {
        return oneStore;
    }

    private record OfHolder(Holder holder, Leases leases, Vertx vertx, InstantSource clock) implements Dividing {
        @Override
        public void more(Meter meter, long need, long total, Consumer<Outcome> answered) {
            leases.more(meter, need, Long.MAX_VALUE, total).onSuccess(answered::accept);
        }

        @Override
        public void soon(long millis, Runnable again) {
            vertx.setTimer(millis, _ -> again.run());
        }

        @Override
        public boolean stands() {
            return leases.stands();
        }

        @Override
        public long millis() {
            return clock.millis();
        }
    }
}
