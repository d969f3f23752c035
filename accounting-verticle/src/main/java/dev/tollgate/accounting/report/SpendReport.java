package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.SpendSums.Condition;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.accounting.report.Ask.Filter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code GET /global/spend/report}. By {@code group_by=team} or {@code customer}: of each day, what each spent, by model and key. By
 * {@code api_key} or {@code internal_user_id}, or of one of these: what each key spent, by model.
 */
final class SpendReport {
    private SpendReport() {}

    static JsonArray json(Ask ask, Names names) {
        String by = Objects.requireNonNullElse(ask.given("group_by"), "team");
        Condition[] only = ask.only(
                new Filter("api_key", Part.KEY),
                new Filter("internal_user_id", Part.USER),
                new Filter("team_id", Part.TEAM),
                new Filter("customer_id", Part.END_USER));
        boolean one = ask.given("api_key") != null || ask.given("internal_user_id") != null;
        return switch (one ? "api_key" : by) {
            case "team" ->
                daily(
                        ask.betweenGiven(List.of(Part.DAY, Part.TEAM, Part.MODEL, Part.KEY), only),
                        "team_name",
                        "teams",
                        sum -> TeamSpend.name(sum.text(Part.TEAM), names, "Unassigned Team"));
            case "customer" ->
                daily(
                        ask.betweenGiven(List.of(Part.DAY, Part.END_USER, Part.MODEL, Part.KEY), only),
                        "customer",
                        "customers",
                        sum -> sum.text(Part.END_USER));
            case "api_key" -> totals(ask.betweenGiven(List.of(Part.KEY, Part.MODEL), only), Part.KEY, "api_key");
            case "internal_user_id" ->
                totals(ask.betweenGiven(List.of(Part.USER, Part.MODEL), only), Part.USER, "internal_user_id");
            default ->
                throw new IllegalArgumentException(
                        "`group_by` must be `team`, `customer`, `api_key` or `internal_user_id`");
        };
    }

    /**
     * {@code GET /key|user|team|organization/spend/report}: what each key spent, by model. Without the name of one it is about all that the
     * caller may see.
     */
    static JsonArray byKey(Ask ask, Names names) {
        Condition[] only = ask.only(
                new Filter("api_key", Part.KEY),
                new Filter("internal_user_id", Part.USER),
                new Filter("team_id", Part.TEAM));
        List<Part> by = List.of(Part.KEY, Part.MODEL, Part.TEAM);
        return switch (Entity.of(ask.query().what()).orElse(Entity.USER)) {
            case ORGANIZATION -> {
                Predicate<String> chosen = Entity.ORGANIZATION.chosen(ask, names, ask.list("organization_id"));
                Function<Sum, Stream<String>> reader = Entity.ORGANIZATION.reader(names);
                List<Sum> sums = new ArrayList<>(ask.ofAll().betweenGiven(by, only));
                sums.removeIf(sum -> reader.apply(sum).noneMatch(chosen));
                yield totals(sums, Part.KEY, "api_key");
            }
            case TEAM -> {
                List<Sum> sums = new ArrayList<>(ask.betweenGiven(by, only));
                sums.removeIf(sum -> sum.text(Part.TEAM).isEmpty());
                yield totals(sums, Part.KEY, "api_key");
            }
            default -> totals(ask.betweenGiven(List.of(Part.KEY, Part.MODEL), only), Part.KEY, "api_key");
        };
    }

    private static JsonArray daily(List<Sum> sums, String member, String members, Function<Sum, String> name) {
        Map<String, Map<String, List<Sum>>> days = sums.stream()
                .collect(Collectors.groupingBy(
                        sum -> sum.text(Part.DAY),
                        TreeMap::new,
                        Collectors.groupingBy(name, TreeMap::new, Collectors.toList())));
        JsonArray report = new JsonArray();
        days.forEach((day, groups) -> {
            JsonArray spenders = new JsonArray();
            groups.forEach((group, parts) -> spenders.add(new JsonObject()
                    .put(member, group)
                    .put("total_spend", Money.dollars(nanos(parts)))
                    .put("metadata", metadata(parts))));
            report.add(new JsonObject().put("group_by_day", day).put(members, spenders));
        });
        return report;
    }

    private static JsonArray metadata(List<Sum> parts) {
        JsonArray metadata = new JsonArray();
        Reports.highest(parts, Part.MODEL)
                .forEach(part -> metadata.add(new JsonObject()
                        .put("model", part.text(Part.MODEL))
                        .put("api_key", part.text(Part.KEY))
                        .put("spend", Money.dollars(part.nanos()))
                        .put("total_tokens", part.tokens())));
        return metadata;
    }

    private static long nanos(List<Sum> sums) {
        return sums.stream().mapToLong(Sum::nanos).sum();
    }

    private static JsonArray totals(List<Sum> sums, Part by, String member) {
        JsonArray report = new JsonArray();
        Map<String, List<Sum>> groups =
                sums.stream().collect(Collectors.groupingBy(sum -> sum.text(by), TreeMap::new, Collectors.toList()));
        groups.entrySet().stream()
                .sorted((a, b) -> Long.compare(nanos(b.getValue()), nanos(a.getValue())))
                .forEach(group -> report.add(tokens(group.getValue(), new JsonObject().put(member, group.getKey()))
                        .put("model_details", models(group.getValue()))));
        return report;
    }

    private static JsonArray models(List<Sum> sums) {
        JsonArray models = new JsonArray();
        Reports.highest(sums, Part.MODEL).forEach(sum -> {
            JsonObject model = tokens(List.of(sum), new JsonObject().put("model", sum.text(Part.MODEL)));
            models.add(sum.of().containsKey(Part.TEAM) ? model.put("team_id", sum.text(Part.TEAM)) : model);
        });
        return models;
    }

    private static JsonObject tokens(List<Sum> sums, JsonObject into) {
        return into.put("total_cost", Money.dollars(nanos(sums)))
                .put(
                        "total_input_tokens",
                        sums.stream().mapToLong(Sum::promptTokens).sum())
                .put(
                        "total_output_tokens",
                        sums.stream().mapToLong(Sum::completionTokens).sum());
    }
}
