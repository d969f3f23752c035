package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code GET /global/spend/teams}: by day and team, under their readable names. */
final class TeamSpend {
    private static final int MOST_TEAMS = 10;

    private TeamSpend() {}

    static JsonObject json(List<Sum> sums, Names names) {
        Map<String, Map<String, Long>> days = new TreeMap<>();
        Map<String, Long> teams = new TreeMap<>();
        Map<String, BigDecimal> budgets = new HashMap<>();
        for (Sum sum : sums) {
            String team = name(sum.text(Part.TEAM), names, "Unassigned");
            days.computeIfAbsent(sum.text(Part.DAY), _ -> new TreeMap<>()).merge(team, sum.nanos(), Long::sum);
            teams.merge(team, sum.nanos(), Long::sum);
            BigDecimal budget = names.budget(new Holder(Kind.TEAM, sum.text(Part.TEAM)));
            if (budget != null) {
                budgets.put(team, budget);
            }
        }
        JsonArray daily = new JsonArray();
        days.forEach((day, spent) -> {
            JsonObject one = new JsonObject().put("date", day);
            spent.forEach((team, nanos) -> one.put(team, Money.dollars(nanos)));
            daily.add(one);
        });
        JsonArray totals = new JsonArray();
        teams.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(MOST_TEAMS)
                .forEach(team -> {
                    JsonObject row = new JsonObject()
                            .put("team_id", team.getKey())
                            .put("total_spend", Money.dollars(team.getValue()));
                    BigDecimal budget = budgets.get(team.getKey());
                    totals.add(budget == null ? row : row.put("max_budget", budget));
                });
        return new JsonObject()
                .put("daily_spend", daily)
                .put("teams", new JsonArray(List.copyOf(teams.keySet())))
                .put("total_spend_per_team", totals);
    }

    /** The team's alias, else its id, else a word for none. */
    static String name(String team, Names names, String none) {
        String alias = names.team(team);
        return team.isEmpty() ? none : alias == null ? team : alias;
    }
}
