package dev.tollgate.accounting.book;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Limits in LiteLLM's fields. What an entry does not say itself its budget says, the entry that {@code budget_id} names. Limits of
 * single models stand in {@code model_max_budget}, {@code model_rpm_limit} and {@code model_tpm_limit}, the last two often among the
 * metadata, or in the first one's entries.
 */
final class LimitsReader {
    private LimitsReader() {}

    /** An entry's limits. {@code budget}: what its {@code budget_id} names, or null. */
    static Limits read(Fields own, @Nullable Fields budget) {
        return read(own, budget, UnaryOperator.identity());
    }

    /** What a team's members may use who have no limits of their own. {@code budget}: what {@code team_member_budget_id} names. */
    static Limits ofMembers(Fields team, @Nullable Fields budget) {
        return read(team, budget, name -> switch (name) {
            case "max_budget" -> "team_member_budget";
            default -> "team_member_" + name;
        });
    }

    private static Limits read(Fields own, @Nullable Fields budget, UnaryOperator<String> named) {
        long most = own.nanos(named.apply("max_budget"));
        long soft = own.nanos(named.apply("soft_budget"));
        Period period = own.period(named.apply("budget_duration"));
        long rpm = own.count(named.apply("rpm_limit"));
        long tpm = own.count(named.apply("tpm_limit"));
        long parallel = own.count(named.apply("max_parallel_requests"));
        Map<String, Limits> models = own.has(named.apply("model_max_budget"))
                        || own.has(named.apply("model_rpm_limit"))
                        || own.has(named.apply("model_tpm_limit"))
                        || own.has("metadata")
                ? models(own, named)
                : Map.of();
        String more = named.apply("budget_limits");
        List<Limits.Window> windows = own.has(more) ? windows(own.each(more)) : List.of();
        Limits limits = new Limits(most, soft, period, rpm, tpm, parallel, models, windows);
        if (budget != null) {
            return over(limits, read(budget, null));
        }
        // Most entries have none, and share this one.
        return limits.equals(Limits.UNLIMITED) ? Limits.UNLIMITED : limits;
    }

    private static Limits over(Limits own, Limits budget) {
        return new Limits(
                own.budgetNanos() == Limits.NONE ? budget.budgetNanos() : own.budgetNanos(),
                own.softNanos() == Limits.NONE ? budget.softNanos() : own.softNanos(),
                own.period() == null ? budget.period() : own.period(),
                own.rpm() == Limits.NONE ? budget.rpm() : own.rpm(),
                own.tpm() == Limits.NONE ? budget.tpm() : own.tpm(),
                own.parallel() == Limits.NONE ? budget.parallel() : own.parallel(),
                own.models().isEmpty() ? budget.models() : own.models(),
                own.windows().isEmpty() ? budget.windows() : own.windows());
    }

    /** {@code [{"budget_duration": "1d", "max_budget": 5}, …]}. One of them that says half of it is an error: it would be no limit. */
    private static List<Limits.Window> windows(List<Fields> entries) {
        // Of two for one period only the smaller one means anything, and both would count each call.
        Map<Period, Long> windows = new LinkedHashMap<>();
        for (Fields entry : entries) {
            Period period = entry.period("budget_duration");
            long most = entry.nanos("max_budget");
            if (period == null || most == Limits.NONE) {
                throw new Fields.Unreadable("budget_limits", "a list of budgets with budget_duration and max_budget");
            }
            windows.merge(period, most, Math::min);
        }
        return windows.entrySet().stream()
                .map(each -> new Limits.Window(each.getValue(), each.getKey()))
                .toList();
    }

    private static Map<String, Limits> models(Fields own, UnaryOperator<String> named) {
        Fields budgets = own.fields(named.apply("model_max_budget"));
        Fields requests = inner(own, named.apply("model_rpm_limit"));
        Fields tokens = inner(own, named.apply("model_tpm_limit"));
        TreeSet<String> names = new TreeSet<>();
        budgets.names().forEach(names::add);
        requests.names().forEach(names::add);
        tokens.names().forEach(names::add);
        Map<String, Limits> models = new LinkedHashMap<>();
        for (String model : names) {
            Limits spend = budgets.has(model) ? spend(budgets, model) : Limits.UNLIMITED;
            models.put(
                    model,
                    new Limits(
                            spend.budgetNanos(),
                            Limits.NONE,
                            spend.period(),
                            count(requests, budgets, model, "rpm_limit"),
                            count(tokens, budgets, model, "tpm_limit"),
                            Limits.NONE,
                            Map.of()));
        }
        return models;
    }

    /** A model's own field wins over that in its budget. */
    private static long count(Fields counts, Fields budgets, String model, String field) {
        return counts.has(model) || !budgets.isMapping(model)
                ? counts.count(model)
                : budgets.fields(model).count(field);
    }

    private static Fields inner(Fields own, String name) {
        return own.has(name) ? own.fields(name) : own.fields("metadata").fields(name);
    }

    /** {@code {"budget_limit": 5, "time_period": "1d"}}, the same in other words, or the number alone. */
    private static Limits spend(Fields budgets, String model) {
        if (!budgets.isMapping(model)) {
            return spend(budgets.nanos(model), null);
        }
        Fields budget = budgets.fields(model);
        Period period = budget.period("time_period");
        return spend(
                budget.nanos(budget.has("budget_limit") ? "budget_limit" : "max_budget"),
                period == null ? budget.period("budget_duration") : period);
    }

    private static Limits spend(long nanos, @Nullable Period period) {
        return new Limits(nanos, Limits.NONE, period, Limits.NONE, Limits.NONE, Limits.NONE, Map.of());
    }
}
