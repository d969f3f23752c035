package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.NewCost;
import dev.tollgate.accounting.ledger.Payers;
import dev.tollgate.accounting.ledger.StoredCall;
import dev.tollgate.accounting.ledger.Wanted;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.price.Tariff;
import dev.tollgate.cluster.Reprice;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Prices stored calls again by today's prices: what they would have cost, and on request what they cost from now on. Left as they are:
 * calls without tokens, those of several attempts that an earlier release wrote down (tokens of two deployments may stand in one sum), of
 * deployments that the configuration has no longer, and without a price even now. How many those are is said. Parts of a call are priced
 * each by itself.
 */
final class Repricing {
    private final Ledger ledger;
    private final Consumer<Payers> knowing;
    private final Prices prices;
    private final ModelTable models;
    private final Map<String, Sum> sums = new TreeMap<>();
    private final Map<String, Integer> left = new TreeMap<>();

    private static final class Sum {
        private long calls;
        private long before;
        private long after;
    }

    /** {@code knowing} tells what the keys and teams of today say about who pays. */
    Repricing(Ledger ledger, Consumer<Payers> knowing, Prices prices, ModelTable models) {
        this.ledger = ledger;
        this.knowing = knowing;
        this.prices = prices;
        this.models = models;
    }

    /** Lines for people: one a model, one for all, and what was left out. */
    List<String> run(Reprice order) {
        Map<Holder, Long> present = new HashMap<>();
        ledger.balances()
                .forEach(balance ->
                        present.put(balance.charge().holder(), balance.charge().periodMillis()));
        Payers payers = new Payers(present);
        knowing.accept(payers);
        long from = order.since().atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
        long until = order.until() == null
                ? Long.MAX_VALUE
                : order.until()
                        .plusDays(1)
                        .atStartOfDay()
                        .toInstant(ZoneOffset.UTC)
                        .toEpochMilli();
        StoredCall last = null;
        List<StoredCall> calls;
        do {
            calls = ledger.calls(new Wanted(from, until, order.model(), last));
            Map<StoredCall, NewCost> changed = new LinkedHashMap<>();
            for (StoredCall call : calls) {
                count(call, changed);
                last = call;
            }
            if (order.apply() && !changed.isEmpty()) {
                ledger.reprice(changed, payers);
            }
        } while (!calls.isEmpty());
        return lines(order);
    }

    private void count(StoredCall call, Map<StoredCall, NewCost> changed) {
        if (call.usage().total() == 0) {
            return;
        }
        if (call.mixed()) {
            left("made in several attempts", 1);
            return;
        }
        Deployment deployment = deployment(call);
        if (deployment == null) {
            left("by deployments that the configuration does not have", 1);
            return;
        }
        Tariff usual = prices.of(deployment, deployment.upstreamModel(), call.model());
        if (usual == null) {
            left("to models without a price", 1);
            return;
        }
        Tariff tariff = usual.at(call.end());
        long nanos = tariff.nanos(call.usage());
        Sum sum = sums.computeIfAbsent(call.model(), _ -> new Sum());
        sum.calls += call.part() ? 0 : 1;
        sum.before += call.nanos();
        sum.after += nanos;
        if (nanos != call.nanos() || !tariff.version().equals(call.priceVersion())) {
            changed.put(call, new NewCost(nanos, tariff.version()));
        }
    }

    private void left(String why, int calls) {
        left.merge(why, calls, Integer::sum);
    }

    /** A deployment of a wildcard is known under the concrete name only. */
    private @Nullable Deployment deployment(StoredCall call) {
        ModelTable.Group group = models.resolve(call.modelGroup());
        if (group != null) {
            for (Deployment deployment : group.deployments()) {
                if (deployment.id().equals(call.deployment())) {
                    return deployment;
                }
            }
        }
        return models.byId(call.deployment());
    }

    private List<String> lines(Reprice order) {
        List<String> lines = new ArrayList<>();
        Sum all = new Sum();
        sums.forEach((model, sum) -> {
            lines.add(line(model, sum));
            all.calls += sum.calls;
            all.before += sum.before;
            all.after += sum.after;
        });
        lines.add(line("all", all));
        left.forEach((why, calls) -> lines.add(calls + " calls " + why + " are left as they are"));
        lines.add(
                order.apply()
                        ? "The new costs are written; a running gateway counts budgets by the old ones until its next start"
                        : "Nothing was written (--dry-run)");
        return lines;
    }

    private static String line(String model, Sum sum) {
        return model + ": " + sum.calls + " calls, old $" + Money.text(sum.before) + ", new $" + Money.text(sum.after)
                + ", difference $" + Money.text(sum.after - sum.before);
    }
}
