package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.cluster.lease.Meter;
import dev.tollgate.cluster.lease.Share;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The purses and windows of a node, for all its lanes. Those of holders without limits are small: a window is made by the first limit. */
public final class Counters {
    /** Why a call with a budget cannot be let in while what earlier runs spent is not {@link #loaded}. */
    static final String UNKNOWN =
            "What was spent is not known yet, because the store does not answer; try again shortly";

    private final Map<Holder, Purse> purses = new ConcurrentHashMap<>();
    private final Map<Holder, MinuteWindow> windows = new ConcurrentHashMap<>();
    private volatile @Nullable Function<Holder, Dividing> divided;
    private final Promise<Void> loaded = Promise.promise();

    /** What earlier runs spent; from now on budgets are known. What was spent meanwhile is added. */
    public void load(List<Balance> balances) {
        for (Balance balance : balances) {
            purse(balance.charge().holder()).restore(balance.charge().periodMillis(), balance.nanos());
        }
        loaded.tryComplete();
    }

    /** What is stored now: where a newer period has begun, by a reset that this node has not heard of, it begins here as well. */
    public void renew(List<Balance> balances) {
        for (Balance balance : balances) {
            Purse purse = purses.get(balance.charge().holder());
            if (purse == null) {
                purse(balance.charge().holder()).restore(balance.charge().periodMillis(), balance.nanos());
            } else {
                purse.renew(balance.charge().periodMillis(), balance.nanos());
            }
        }
    }

    /** Completes when what earlier runs spent is known. */
    Future<Void> loaded() {
        return loaded.future();
    }

    Purse purse(Holder holder) {
        Purse purse = purses.get(holder);
        return purse != null ? purse : purses.computeIfAbsent(holder, each -> new Purse(dividing(each)));
    }

    /** The period that begins when one is begun by hand now. */
    Charge begun(Holder holder, long nowMillis) {
        return new Charge(holder, purse(holder).nextMillis(nowMillis));
    }

    /** Whether the holder has a purse. */
    boolean counts(Holder holder) {
        return purses.containsKey(holder);
    }

    /** Holders that are a part of one of these; looks at all there are. */
    List<Holder> parts(Set<Holder> of) {
        return purses.keySet().stream()
                .filter(holder -> holder.part() != null && of.contains(holder.whole()))
                .toList();
    }

    MinuteWindow window(Holder holder) {
        MinuteWindow window = windows.get(holder);
        return window != null ? window : windows.computeIfAbsent(holder, this::newWindow);
    }

    private MinuteWindow newWindow(Holder holder) {
        Dividing dividing = dividing(holder);
        return dividing == null ? new MinuteWindow() : new MinuteWindow(dividing);
    }

    private @Nullable Dividing dividing(Holder holder) {
        Function<Holder, Dividing> made = divided;
        return made == null ? null : made.apply(holder);
    }

    /** From now on nodes divide budgets and limits. Before anything is counted. */
    void divided(Function<Holder, Dividing> by) {
        divided = by;
    }

    /** This node's part of what nodes divide, or null: nothing here uses it, or not any more. */
    @Nullable Share share(Meter meter) {
        Meters.Named named = Meters.read(meter);
        if (named == null) {
            return null;
        }
        if (meter.use() == Meter.Use.SPENT) {
            Purse purse = purses.get(named.holder());
            return purse == null ? null : purse.share(Long.parseLong(named.first()));
        }
        MinuteWindow window = windows.get(named.holder());
        return window == null
                ? null
                : Quantity.of(named.first()).map(window::portion).orElse(null);
    }

    /** The store has so much of what this node spent. */
    public void delivered(Charge charge, long nanos) {
        Purse purse = purses.get(charge.holder());
        if (purse != null) {
            purse.delivered(charge.periodMillis(), nanos);
        }
    }
}
