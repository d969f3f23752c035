package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.SpendSums.Condition;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.accounting.report.Ask.Filter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /…/daily/activity} of users, teams, organizations, end users and tags: each day's figures, and those of each model, group,
 * provider and key, and of each team, organization, end user or tag. All days stand on one page. Figures of cached tokens are left out: the sums of days do not hold them.
 */
final class DailyActivity {
    private final Metrics total = new Metrics();
    private final Map<String, Day> days = new TreeMap<>(Comparator.reverseOrder());
    private final Entity entity;
    private final Names names;

    private DailyActivity(Entity entity, Names names) {
        this.entity = entity;
        this.names = names;
    }

    static JsonObject json(Ask ask, Entity entity, Names names) {
        List<Part> by =
                new ArrayList<>(List.of(Part.DAY, Part.KEY, Part.TEAM, Part.MODEL, Part.MODEL_GROUP, Part.PROVIDER));
        entity.by().filter(part -> !by.contains(part)).ifPresent(by::add);
        List<Condition> only = new ArrayList<>(Arrays.asList(ask.only(
                new Filter("model", Part.MODEL), new Filter("api_key", Part.KEY), new Filter("user_id", Part.USER))));
        entity.only(ask).ifPresent(only::add);
        Predicate<String> chosen = entity.chosen(ask, names);
        // Whoever manages an organization sees what others spent there; whom that means is in what was chosen.
        Ask seen = entity == Entity.ORGANIZATION ? ask.ofAll() : ask;
        Function<Sum, Stream<String>> reader = entity.reader(names);
        DailyActivity activity = new DailyActivity(entity, names);
        for (Sum sum : seen.betweenGiven(by, only.toArray(Condition[]::new))) {
            List<String> counted = reader.apply(sum).filter(chosen).toList();
            if (entity == Entity.USER || !counted.isEmpty()) {
                activity.add(sum, counted);
            }
        }
        return activity.json();
    }

    private void add(Sum sum, List<String> entities) {
        total.add(sum);
        days.computeIfAbsent(sum.text(Part.DAY), _ -> new Day()).add(sum, entities);
    }

    private JsonObject json() {
        JsonArray results = new JsonArray();
        days.forEach((date, day) -> results.add(day.json(names, entity).put("date", date)));
        JsonObject metadata = new JsonObject();
        total.json()
                .forEach(figure ->
                        metadata.put("total_" + figure.getKey().replaceFirst("^total_", ""), figure.getValue()));
        return new JsonObject()
                .put("results", results)
                .put("metadata", metadata.put("page", 1).put("total_pages", 1).put("has_more", false));
    }

    private static final class Metrics {
        private long requests;
        private long failed;
        private long prompt;
        private long completion;
        private long nanos;

        void add(Sum sum) {
            requests += sum.requests();
            failed += sum.failed();
            prompt += sum.promptTokens();
            completion += sum.completionTokens();
            nanos += sum.nanos();
        }

        JsonObject json() {
            return new JsonObject()
                    .put("spend", Money.dollars(nanos))
                    .put("prompt_tokens", prompt)
                    .put("completion_tokens", completion)
                    .put("total_tokens", prompt + completion)
                    .put("successful_requests", requests - failed)
                    .put("failed_requests", failed)
                    .put("api_requests", requests);
        }
    }

    /** One model, provider …, and its keys. */
    private static final class Group {
        private final Metrics metrics = new Metrics();
        private final Map<String, Metrics> keys = new TreeMap<>();

        void add(Sum sum) {
            metrics.add(sum);
            keys.computeIfAbsent(sum.text(Part.KEY), _ -> new Metrics()).add(sum);
        }

        JsonObject json(Names names, JsonObject metadata) {
            JsonObject breakdown = new JsonObject();
            keys.forEach((key, spent) -> breakdown.put(
                    key, new JsonObject().put("metrics", spent.json()).put("metadata", alias(names.key(key)))));
            return new JsonObject()
                    .put("metrics", metrics.json())
                    .put("metadata", metadata)
                    .put("api_key_breakdown", breakdown);
        }

        private static JsonObject alias(@Nullable String alias) {
            return new JsonObject().put("key_alias", alias);
        }
    }

    private static final class Day {
        private final Metrics metrics = new Metrics();
        private final Map<String, Group> models = new TreeMap<>();
        private final Map<String, Group> groups = new TreeMap<>();
        private final Map<String, Group> providers = new TreeMap<>();
        private final Map<String, Group> entities = new TreeMap<>();
        private final Map<String, Metrics> keys = new TreeMap<>();
        private final Map<String, String> teams = new TreeMap<>();

        void add(Sum sum, List<String> of) {
            metrics.add(sum);
            group(models, sum.text(Part.MODEL)).add(sum);
            group(groups, sum.text(Part.MODEL_GROUP)).add(sum);
            group(providers, sum.text(Part.PROVIDER)).add(sum);
            of.forEach(entity -> group(entities, entity).add(sum));
            keys.computeIfAbsent(sum.text(Part.KEY), _ -> new Metrics()).add(sum);
            teams.put(sum.text(Part.KEY), sum.text(Part.TEAM));
        }

        private static Group group(Map<String, Group> groups, String name) {
            return groups.computeIfAbsent(name, _ -> new Group());
        }

        JsonObject json(Names names, Entity entity) {
            JsonObject entityList = new JsonObject();
            entities.forEach((id, group) -> entityList.put(id, group.json(names, entity.metadata(id, names))));
            JsonObject keyList = new JsonObject();
            keys.forEach((key, spent) -> keyList.put(
                    key,
                    new JsonObject()
                            .put("metrics", spent.json())
                            .put("metadata", Group.alias(names.key(key)).put("team_id", teams.get(key)))));
            return new JsonObject()
                    .put("metrics", metrics.json())
                    .put(
                            "breakdown",
                            new JsonObject()
                                    .put("models", list(models, names))
                                    .put("model_groups", list(groups, names))
                                    .put("providers", list(providers, names))
                                    .put("api_keys", keyList)
                                    .put("entities", entityList)
                                    .put("mcp_servers", new JsonObject())
                                    .put("endpoints", new JsonObject()));
        }

        private static JsonObject list(Map<String, Group> groups, Names names) {
            JsonObject list = new JsonObject();
            groups.forEach((name, group) -> list.put(name, group.json(names, new JsonObject())));
            return list;
        }
    }
}
