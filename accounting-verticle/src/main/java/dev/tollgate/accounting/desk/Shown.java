package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries as LiteLLM shows its rows: every field it has, with what was spent and when that begins anew. */
final class Shown {
    private static final List<String> BUDGET = List.of(
            "budget_id",
            "max_budget",
            "soft_budget",
            "max_parallel_requests",
            "tpm_limit",
            "rpm_limit",
            "tpd_limit",
            "budget_duration",
            "budget_limits",
            "model_max_budget");

    private final Book book;
    private final Balances balances;

    Shown(Book book, Balances balances) {
        this.book = book;
        this.balances = balances;
    }

    /** What a holder spent, in dollars. */
    Number spend(Holder holder) {
        return Money.dollars(balances.spentNanos(holder));
    }

    /** A key as it stands in the book, without its hash. */
    JsonObject key(Entry entry) {
        return key(entry.id(), entry.document());
    }

    JsonObject key(String hash, JsonObject document) {
        JsonObject row = nulls(
                        "key_name",
                        "key_alias",
                        "expires",
                        "user_id",
                        "team_id",
                        "organization_id",
                        "max_parallel_requests",
                        "blocked",
                        "tpm_limit",
                        "rpm_limit",
                        "max_budget",
                        "soft_budget",
                        "budget_duration",
                        "budget_reset_at",
                        "budget_id")
                .put("spend", 0)
                .put("soft_budget_cooldown", false);
        lists(row, "models", "allowed_cache_controls", "allowed_routes");
        objects(row, "aliases", "config", "permissions", "metadata", "model_spend", "model_max_budget");
        fill(row, document);
        row.remove("account");
        row.remove("predecessor");
        row.remove("former");
        Account account = book.key(hash);
        spent(row, new Holder(Kind.KEY, document.getString("account", hash)), account);
        return withBudget(row, document);
    }

    JsonObject user(Entry entry, List<String> teams) {
        JsonObject row = nulls(
                        "user_alias",
                        "user_email",
                        "user_role",
                        "max_budget",
                        "max_parallel_requests",
                        "tpm_limit",
                        "rpm_limit",
                        "budget_duration",
                        "budget_reset_at",
                        "team_id",
                        "organization_id",
                        "sso_user_id")
                .put("user_id", entry.id())
                .put("spend", 0);
        lists(row, "models", "allowed_cache_controls");
        objects(row, "metadata", "model_spend", "model_max_budget");
        fill(row, entry.document());
        spent(row, new Holder(Kind.USER, entry.id()), book.user(entry.id()));
        return row.put("teams", new JsonArray(teams));
    }

    JsonObject team(Entry entry) {
        return team(entry.id(), entry.document());
    }

    JsonObject team(String id, JsonObject document) {
        JsonObject row = nulls(
                        "team_alias",
                        "organization_id",
                        "tpm_limit",
                        "rpm_limit",
                        "max_budget",
                        "soft_budget",
                        "budget_duration",
                        "max_parallel_requests",
                        "budget_reset_at",
                        "model_id",
                        "litellm_model_table")
                .put("team_id", id)
                .put("blocked", false)
                .put("spend", 0);
        lists(row, "admins", "members", "members_with_roles", "models", "team_member_permissions");
        objects(row, "metadata", "model_spend", "model_max_budget");
        fill(row, document);
        if (document.getValue("model_aliases") != null) {
            row.put("litellm_model_table", new JsonObject().put("model_aliases", document.getValue("model_aliases")));
        }
        spent(row, new Holder(Kind.TEAM, id), book.team(id));
        return row;
    }

    /** A user's place in a team: {@code team_memberships}. */
    JsonObject member(String team, String user, JsonObject document) {
        return new JsonObject()
                .put("user_id", user)
                .put("team_id", team)
                .put("budget_id", document.getValue("budget_id"))
                .put("spend", spend(Holder.member(team, user)))
                .put("litellm_budget_table", limits(document));
    }

    JsonObject organizationMember(Entry place) {
        JsonObject document = place.document();
        JsonObject row = nulls("user_id", "organization_id", "user_role", "budget_id", "created_at", "updated_at");
        fill(row, document);
        return row.put("spend", spend(new Holder(Kind.ORGANIZATION_MEMBER, place.id())))
                .put("litellm_budget_table", limits(document));
    }

    JsonObject organization(String id, JsonObject document) {
        JsonObject row = nulls("organization_alias", "budget_id").put("organization_id", id);
        lists(row, "models");
        objects(row, "metadata", "model_spend");
        fill(row, document);
        spent(row, new Holder(Kind.ORGANIZATION, id), book.organization(id));
        return withLimits(row, document);
    }

    JsonObject customer(String id, JsonObject document) {
        JsonObject row = nulls("alias", "allowed_model_region", "default_model", "budget_id")
                .put("user_id", id)
                .put("blocked", false);
        lists(row, "models");
        fill(row, document);
        spent(row, new Holder(Kind.CUSTOMER, id), book.customer(id));
        return withLimits(row, document);
    }

    JsonObject tag(String name, JsonObject document) {
        JsonObject row = nulls("description", "model_info", "budget_id").put("name", name);
        lists(row, "models");
        fill(row, document);
        spent(row, new Holder(Kind.TAG, name), book.tag(name));
        return withLimits(row, document);
    }

    JsonObject budget(String id, JsonObject document) {
        JsonObject row = nulls(BUDGET.toArray(String[]::new)).put("budget_id", id);
        fill(row, document);
        return row;
    }

    /** Those limits of an entry that LiteLLM keeps in a table of their own; its key and team rows show them beside the rest too. */
    private @Nullable JsonObject limits(JsonObject document) {
        JsonObject pointedTo = pointedTo(document);
        if (pointedTo != null) {
            return pointedTo;
        }
        JsonObject own = nulls(BUDGET.toArray(String[]::new));
        boolean any = false;
        for (String name : BUDGET) {
            if (document.getValue(name) != null) {
                own.put(name, document.getValue(name));
                any = true;
            }
        }
        return any ? own : null;
    }

    private @Nullable JsonObject pointedTo(JsonObject document) {
        String budget = document.getString("budget_id");
        return budget == null
                ? null
                : book.entry(Kind.BUDGET, budget)
                        .map(entry -> budget(budget, entry.document()))
                        .orElse(null);
    }

    private JsonObject withBudget(JsonObject row, JsonObject document) {
        JsonObject budget = pointedTo(document);
        Object soft = document.getValue("soft_budget");
        return row.put(
                "litellm_budget_table",
                budget != null || soft == null ? budget : new JsonObject().put("soft_budget", soft));
    }

    private JsonObject withLimits(JsonObject row, JsonObject document) {
        row.put("litellm_budget_table", limits(document));
        for (String name : BUDGET) {
            if (!name.equals("budget_id")) {
                row.remove(name);
            }
        }
        return row;
    }

    private void spent(JsonObject row, Holder holder, @Nullable Account account) {
        row.put("spend", spend(holder));
        long resets = account == null ? 0 : balances.resetsAtMillis(holder, account.limits());
        row.put("budget_reset_at", resets == 0 ? null : Lifetime.iso(Instant.ofEpochMilli(resets)));
    }

    private static JsonObject nulls(String... names) {
        JsonObject row = new JsonObject();
        for (String name : names) {
            row.putNull(name);
        }
        return row;
    }

    private static void lists(JsonObject row, String... names) {
        for (String name : names) {
            row.put(name, new JsonArray());
        }
    }

    private static void objects(JsonObject row, String... names) {
        for (String name : names) {
            row.put(name, new JsonObject());
        }
    }

    /** What the document says; where it says nothing, an empty list or object stays one. */
    private static void fill(JsonObject row, JsonObject document) {
        document.forEach(field -> {
            if (field.getValue() != null && !Boolean.TRUE.equals(configured(field.getKey(), field.getValue()))) {
                row.put(field.getKey(), field.getValue());
            }
        });
    }

    /** {@code config: true} is the mark of an entry of the file; LiteLLM's field of that name is an object. */
    private static boolean configured(String name, Object value) {
        return name.equals("config") && value instanceof Boolean;
    }
}
