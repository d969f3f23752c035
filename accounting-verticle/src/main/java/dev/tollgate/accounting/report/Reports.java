package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.ledger.SpendSums.Sum;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.accounting.report.Ask.Filter;
import dev.tollgate.protocol.Query;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@link Query#REPORTS}, in the shapes of LiteLLM's endpoints. Amounts are dollars and exact, where LiteLLM rounds some to two
 * or four digits; days are UTC; an end date includes its day. What the caller may not see is left out, as if it were not there.
 */
public final class Reports {
    private static final Set<String> TEAMS =
            Set.of("team/daily/activity", "team/daily/activity/aggregated", "team/spend/report", "global/spend/teams");
    private static final Filter KEY = new Filter("api_key", Part.KEY);

    private final Names names;
    private final Clock clock;

    /** {@code names} are looked up on the ledger's thread. */
    public Reports(Names names, Clock clock) {
        this.names = names;
        this.clock = clock;
    }

    /**
     * The answer as JSON. Blocks.
     *
     * @throws IllegalArgumentException with words for the client, when a parameter cannot be understood
     * @throws Forbidden when the caller may not ask that
     */
    public Buffer answer(Query asked, Ledger ledger) {
        if (asked.aboutEndUsers() && !asked.scope().equals(Query.Scope.ALL)) {
            throw new Forbidden("Only admins and admin viewers may see what end users spend");
        }
        Query query = widened(asked);
        Ask ask = new Ask(query, ledger, clock);
        return switch (query.what()) {
            case Query.SPEND_LOGS ->
                ledger.logs(query.parameters(), query.scope()).toBuffer();
            case "spend/logs/v2" ->
                ledger.page(query.parameters(), query.scope()).toBuffer();
            case "spend/keys" -> keys(ask).toBuffer();
            case "spend/users" -> users(ask).toBuffer();
            case "spend/tags" ->
                Tags.of(ask.between(List.of(Part.TAGS)), Set.of())
                        .list("individual_request_tag", "total_spend")
                        .toBuffer();
            case "global/spend" -> spend(ask).toBuffer();
            case "global/spend/logs" -> days(ask).toBuffer();
            case "global/spend/keys" -> topKeys(ask).toBuffer();
            case "global/spend/models" -> topModels(ask).toBuffer();
            case "global/spend/teams" ->
                TeamSpend.json(ask.lately(List.of(Part.DAY, Part.TEAM)), names).toBuffer();
            case "global/spend/tags" ->
                new JsonObject()
                        .put(
                                "spend_per_tag",
                                Tags.of(ask.betweenGiven(List.of(Part.TAGS)), Set.copyOf(ask.list("tags")))
                                        .list("name", "spend"))
                        .toBuffer();
            case "global/spend/all_tag_names" ->
                new JsonObject()
                        .put(
                                "tag_names",
                                Tags.of(ask.between(List.of(Part.TAGS)), Set.of())
                                        .names())
                        .toBuffer();
            case "global/spend/provider" -> providers(ask).toBuffer();
            case "global/spend/report" -> SpendReport.json(ask, names).toBuffer();
            case "global/activity" ->
                Activity.all(ask.betweenGiven(List.of(Part.DAY))).toBuffer();
            case "global/activity/model" ->
                Activity.byModel(ask.betweenGiven(List.of(Part.DAY, Part.MODEL_GROUP)))
                        .toBuffer();
            case "key/spend/report", "user/spend/report", "team/spend/report", "organization/spend/report" ->
                SpendReport.byKey(ask, names).toBuffer();
            case "global/all_end_users" -> EndUsers.all(ask).toBuffer();
            case Query.END_USERS -> EndUsers.highest(ask).toBuffer();
            default ->
                Entity.of(query.what())
                        .map(entity -> DailyActivity.json(ask, entity, names).toBuffer())
                        .orElseThrow(() ->
                                new IllegalArgumentException("The ledger knows no question `" + query.what() + "`"));
        };
    }

    /** Who manages a team sees what all of it spent, where the question is about teams. */
    private Query widened(Query query) {
        String user = query.scope().user();
        boolean team = TEAMS.contains(query.what())
                || query.what().equals("global/spend/report")
                        && query.parameters().getOrDefault("group_by", "team").equals("team")
                || query.parameters().containsKey("team_id");
        return user == null || !team ? query : query.within(query.scope().with(names.managedTeams(user)));
    }

    /** Shows a budget where there is one. */
    private JsonObject budgeted(JsonObject row, Holder holder) {
        BigDecimal budget = names.budget(holder);
        return budget == null ? row : row.put("max_budget", budget);
    }

    private static Comparator<Balance> highestFirst() {
        return Comparator.comparingLong(Balance::nanos)
                .reversed()
                .thenComparing(balance -> balance.charge().holder().id());
    }

    private static Stream<Balance> balances(Ask ask, Kind kind) {
        return ask.ledger().balances().stream()
                .filter(balance -> balance.charge().holder().kind() == kind)
                .sorted(highestFirst());
    }

    /** Keys with what they spent in their present period. A user who may not see all sees the keys that they made calls with. */
    private JsonArray keys(Ask ask) {
        Query.Scope scope = ask.query().scope();
        UnaryOperator<String> present = names.presentKeys();
        Set<String> mine = new HashSet<>();
        if (scope.keyHash() != null) {
            mine.add(scope.keyHash());
        } else if (scope.user() != null) {
            ask.between(List.of(Part.KEY)).forEach(sum -> mine.add(present.apply(sum.text(Part.KEY))));
        }
        JsonArray keys = new JsonArray();
        balances(ask, Kind.KEY).forEach(balance -> {
            Holder key =
                    new Holder(Kind.KEY, present.apply(balance.charge().holder().id()));
            if (scope.equals(Query.Scope.ALL) || mine.contains(key.id())) {
                keys.add(budgeted(
                        new JsonObject()
                                .put("token", key.id())
                                .put("key_alias", names.key(key.id()))
                                .put("spend", Money.dollars(balance.nanos()))
                                .mergeIn(names.facts(key)),
                        key));
            }
        });
        return keys;
    }

    private JsonArray users(Ask ask) {
        Query.Scope scope = ask.query().scope();
        JsonArray users = new JsonArray();
        if (scope.keyHash() != null) {
            return users;
        }
        String asked = ask.given("user_id");
        balances(ask, Kind.USER).forEach(balance -> {
            Holder user = balance.charge().holder();
            boolean wanted = (asked == null || asked.equals(user.id()))
                    && (scope.user() == null || scope.user().equals(user.id()));
            if (wanted) {
                users.add(budgeted(
                        new JsonObject()
                                .put("user_id", user.id())
                                .put("user_alias", names.user(user.id()))
                                .put("spend", Money.dollars(balance.nanos()))
                                .mergeIn(names.facts(user)),
                        user));
            }
        });
        return users;
    }

    private JsonObject spend(Ask ask) {
        long nanos = ask.lately(List.of()).stream().mapToLong(Sum::nanos).sum();
        JsonObject spend = new JsonObject().put("spend", Money.dollars(nanos)).putNull("max_budget");
        // The gateway's budget is no business of those who see a part of it.
        return ask.query().scope().equals(Query.Scope.ALL) ? budgeted(spend, Holder.ALL) : spend;
    }

    private static JsonArray days(Ask ask) {
        String key = ask.given("api_key");
        JsonArray days = new JsonArray();
        ask.lately(List.of(Part.DAY), ask.only(KEY)).stream()
                .sorted(Comparator.comparing(sum -> sum.text(Part.DAY)))
                .forEach(sum -> {
                    JsonObject day =
                            new JsonObject().put("date", sum.text(Part.DAY)).put("spend", Money.dollars(sum.nanos()));
                    if (key != null) {
                        day.put("api_key", key);
                    }
                    days.add(day);
                });
        return days;
    }

    private JsonArray topKeys(Ask ask) {
        JsonArray keys = new JsonArray();
        highest(ask.lately(List.of(Part.KEY)), Part.KEY)
                .limit(ask.limit(Integer.MAX_VALUE))
                .forEach(sum -> {
                    String hash = sum.text(Part.KEY);
                    JsonObject row = new JsonObject()
                            .put("api_key", hash)
                            .put("key_alias", names.key(hash))
                            .put("key_name", names.key(hash))
                            .put("total_spend", Money.dollars(sum.nanos()));
                    keys.add(budgeted(row, new Holder(Kind.KEY, hash)));
                });
        return keys;
    }

    private static JsonArray topModels(Ask ask) {
        JsonArray models = new JsonArray();
        highest(ask.lately(List.of(Part.MODEL)), Part.MODEL)
                .limit(ask.limit(10))
                .forEach(sum -> models.add(new JsonObject()
                        .put("model", sum.text(Part.MODEL))
                        .put("total_spend", Money.dollars(sum.nanos()))
                        .put("total_tokens", sum.tokens())));
        return models;
    }

    private static JsonArray providers(Ask ask) {
        JsonArray providers = new JsonArray();
        highest(ask.betweenGiven(List.of(Part.PROVIDER)), Part.PROVIDER)
                .forEach(sum -> providers.add(new JsonObject()
                        .put("provider", Objects.requireNonNullElse(emptyToNull(sum.text(Part.PROVIDER)), "Unknown"))
                        .put("spend", Money.dollars(sum.nanos()))));
        return providers;
    }

    private static @Nullable String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** Most expensive first. */
    static Stream<Sum> highest(List<Sum> sums, Part part) {
        return sums.stream()
                .sorted(Comparator.comparingLong(Sum::nanos).reversed().thenComparing(sum -> sum.text(part)));
    }
}
