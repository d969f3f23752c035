package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.limit.Purse.Lack;
import io.vertx.core.Context;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Where nodes divide budgets: before anybody waits for, or makes do with, what this node has, the others are asked. Belongs to one
 * lane.
 */
final class Lacking {
    private final List<Party> parties;
    private final Counters counters;
    private final Context context;
    private final Runnable again;
    private long round;

    /** {@code again} runs on the lane when an answer has come or may have changed: once for each time that was asked. */
    Lacking(List<Party> parties, Counters counters, Context context, Runnable again) {
        this.parties = parties;
        this.counters = counters;
        this.context = context;
        this.again = again;
    }

    /** Asks for what each party lacks of these nano-dollars; answers what hinders most. */
    Lack ask(ToLongFunction<Party> nanos, Instant now, ZoneId zone) {
        long mine = ++round;
        Runnable first = () -> context.runOnContext(_ -> {
            // Whoever has asked since then will hear of that.
            if (mine == round) {
                again.run();
            }
        });
        Lack all = Lack.DECIDE;
        for (Party party : parties) {
            Lack one = party.purse(counters).lack(nanos.applyAsLong(party), party.limits(), now, zone, first);
            all = one.compareTo(all) > 0 ? one : all;
        }
        return all;
    }
}
