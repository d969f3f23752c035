package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.limit.Purse.Lack;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.ToLongFunction;

/** Where nodes divide budgets: before anybody waits for, or makes do with, what this node has, the others are asked. */
final class Lacking {
    private final List<Party> parties;
    private final Counters counters;
    private final Runnable again;

    /** {@code again} runs, on any thread, when an answer has come or may have changed. */
    Lacking(List<Party> parties, Counters counters, Runnable again) {
        this.parties = parties;
        this.counters = counters;
        this.again = again;
    }

    /** Asks for what each party lacks of these nano-dollars; answers what hinders most. */
    Lack ask(ToLongFunction<Party> nanos, Instant now, ZoneId zone) {
        Lack all = Lack.DECIDE;
        for (Party party : parties) {
            Lack one = counters.purse(party.holder()).lack(nanos.applyAsLong(party), party.limits(), now, zone, again);
            all = one.compareTo(all) > 0 ? one : all;
        }
        return all;
    }
}
