package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Period;
import dev.tollgate.config.Snapshot;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When the present periods of providers and deployments with a budget began: whoever was never charged has no balance that tells. */
public final class PresentPeriods {
    private PresentPeriods() {}

    /** By a configuration, in milliseconds since 1970; 0: a budget that never begins anew. */
    public static Map<Holder, Long> of(Snapshot config, Instant now) {
        Map<Holder, Long> periods = new HashMap<>();
        Payees payees = new Payees(config);
        for (Map<String, Party> some : List.of(payees.providers(), payees.deployments())) {
            for (Party party : some.values()) {
                Period period = party.limits().period();
                periods.put(
                        party.holder(),
                        period == null
                                ? 0
                                : period.start(now, config.general().budgets().zone())
                                        .toEpochMilli());
            }
        }
        return periods;
    }
}
