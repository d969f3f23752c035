package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Holder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The purses and windows of a node, for all its lanes. Those of holders without limits are small: a window is made by the first limit. */
public final class Counters {
    private final Map<Holder, Purse> purses = new ConcurrentHashMap<>();
    private final Map<Holder, MinuteWindow> windows = new ConcurrentHashMap<>();
    private final Promise<Void> loaded = Promise.promise();

    /** What earlier runs spent; from now on budgets are known. What was spent meanwhile is added. */
    public void load(List<Balance> balances) {
        for (Balance balance : balances) {
            purse(balance.charge().holder()).restore(balance.charge().periodMillis(), balance.nanos());
        }
        loaded.tryComplete();
    }

    /** Completes when what earlier runs spent is known. */
    Future<Void> loaded() {
        return loaded.future();
    }

    Purse purse(Holder holder) {
        Purse purse = purses.get(holder);
        return purse != null ? purse : purses.computeIfAbsent(holder, _ -> new Purse());
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
        return window != null ? window : windows.computeIfAbsent(holder, _ -> new MinuteWindow());
    }
}
