package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of LiteLLM's rows. Fields have the same names here, but for what LiteLLM spreads over several tables. Names of columns
 * are those of its published schema.
 */
final class Translation {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    /** Team of the keys that LiteLLM's dashboard makes for whoever signs in. */
    private static final String SESSIONS = "litellm-dashboard";
    /** User under whom LiteLLM counts what all calls cost. */
    private static final String EVERYBODY = "litellm-proxy-budget";

    private static final List<String> LIMITS = List.of(
            "max_budget",
            "soft_budget",
            "budget_duration",
            "max_parallel_requests",
            "tpm_limit",
            "rpm_limit",
            "model_max_budget",
            "budget_limits",
            "budget_id");

    private static final List<String> STAMPS = List.of("created_at", "updated_at");
    private static final List<String> AUTHORS = List.of("created_by", "updated_by");

    private final Openings openings;
    private final @Nullable String duration;
    private final Map<String, JsonObject> aliases = new HashMap<>();

    /** {@code duration}: the configuration's period of all calls' budget, or null. */
    Translation(Openings openings, @Nullable String duration) {
        this.openings = openings;
        this.duration = duration;
    }

    /** Remembers a team's names for models, which have a table of their own. */
    void aliases(LiteLlmRow row) {
        String id = row.text("id");
        JsonObject aliases = new JsonObject();
        row.copy(aliases, List.of("aliases"));
        if (id != null && aliases.getValue("aliases") instanceof JsonObject names) {
            this.aliases.put(id, names);
        }
    }

    private static JsonObject document(LiteLlmRow row, String... columns) {
        JsonObject document = new JsonObject();
        row.copy(document, List.of(columns));
        row.copy(document, LIMITS);
        row.copyTimes(document, STAMPS);
        row.copy(document, AUTHORS);
        row.ignore(List.of("spend", "total_spend", "model_spend", "budget_reset_at"));
        return document;
    }

    private Brought brought(Kind kind, String id, LiteLlmRow row, JsonObject document) {
        return new Brought(kind, id, document, openings.of(new Holder(kind, id), row, document));
    }

    @Nullable Brought budget(LiteLlmRow row) {
        String id = row.text("budget_id");
        if (id == null) {
            return null;
        }
        openings.budget(id, row);
        return new Brought(Kind.BUDGET, id, document(row), null);
    }

    @Nullable Brought organization(LiteLlmRow row) {
        String id = row.text("organization_id");
        return id == null
                ? null
                : brought(
                        Kind.ORGANIZATION,
                        id,
                        row,
                        document(row, "organization_id", "organization_alias", "models", "metadata"));
    }

    @Nullable Brought team(LiteLlmRow row) {
        String id = row.text("team_id");
        if (id == null) {
            return null;
        }
        JsonObject document = document(
                row,
                "team_id",
                "team_alias",
                "organization_id",
                "models",
                "metadata",
                "blocked",
                "team_member_permissions",
                "default_team_member_models");
        JsonObject names = aliases.get(String.valueOf(row.text("model_id")));
        if (names != null) {
            document.put("model_aliases", names);
        }
        return brought(Kind.TEAM, id, row, document.put("members_with_roles", people(row)));
    }

    /** Older versions had two lists of ids instead of one of people with roles, newer ones have all three. */
    private static JsonArray people(LiteLlmRow row) {
        JsonArray people = new JsonArray();
        JsonArray listed = row.list("members_with_roles");
        if (listed != null) {
            listed.forEach(people::add);
        }
        for (String role : List.of("admin", "user")) {
            JsonArray ids = row.list(role.equals("admin") ? "admins" : "members");
            for (Object id : ids == null ? new JsonArray() : ids) {
                boolean there = people.stream()
                        .anyMatch(each -> each instanceof JsonObject one && id.equals(one.getValue("user_id")));
                if (!there) {
                    people.add(new JsonObject().put("user_id", id).put("role", role));
                }
            }
        }
        return people;
    }

    @Nullable Brought user(LiteLlmRow row) {
        String id = row.text("user_id");
        if (id == null) {
            return null;
        }
        if (id.equals(EVERYBODY)) {
            return new Brought(
                    Kind.GLOBAL,
                    Holder.ALL.id(),
                    null,
                    openings.of(Holder.ALL, row.spentNanos(), duration, row.time("budget_reset_at")));
        }
        JsonObject document = document(
                row,
                "user_id",
                "user_alias",
                "user_email",
                "user_role",
                "sso_user_id",
                "models",
                "metadata",
                "allowed_cache_controls");
        if (!document.containsKey("user_role")) {
            document.put("user_role", "internal_user");
        }
        // Who is in a team, and in an organization, says the other side.
        row.ignore(List.of("teams", "team_id", "organization_id"));
        return brought(Kind.USER, id, row, document);
    }

    /** A place without limits has no entry, only what was spent there. */
    @Nullable Brought member(LiteLlmRow row) {
        String team = row.text("team_id");
        String user = row.text("user_id");
        if (team == null || user == null) {
            return null;
        }
        JsonObject document = document(row, "team_id", "user_id");
        Holder holder = Holder.member(team, user);
        Brought.Opening opening = openings.of(holder, row, document);
        return new Brought(Kind.MEMBER, holder.id(), document.containsKey("budget_id") ? document : null, opening);
    }

    @Nullable Brought organizationMember(LiteLlmRow row) {
        String organization = row.text("organization_id");
        String user = row.text("user_id");
        return organization == null || user == null
                ? null
                : brought(
                        Kind.ORGANIZATION_MEMBER,
                        organization + '\n' + user,
                        row,
                        document(row, "organization_id", "user_id", "user_role"));
    }

    @Nullable Brought customer(LiteLlmRow row) {
        String id = row.text("user_id");
        return id == null
                ? null
                : brought(
                        Kind.CUSTOMER,
                        id,
                        row,
                        document(row, "user_id", "alias", "allowed_model_region", "default_model", "blocked"));
    }

    @Nullable Brought tag(LiteLlmRow row) {
        String name = row.text("tag_name");
        return name == null
                ? null
                : brought(
                        Kind.TAG,
                        name,
                        row,
                        document(row, "description", "models", "model_info").put("name", name));
    }

    @Nullable Brought key(LiteLlmRow row) {
        String token = row.text("token");
        if (token == null || SESSIONS.equals(row.text("team_id"))) {
            row.ignore(List.of("models", "metadata"));
            return null;
        }
        JsonObject document = document(
                row,
                "key_name",
                "key_alias",
                "user_id",
                "team_id",
                "organization_id",
                "models",
                "aliases",
                "config",
                "permissions",
                "metadata",
                "allowed_routes",
                "allowed_cache_controls",
                "blocked");
        row.copyTimes(document, List.of("expires"));
        row.ignore(List.of(
                "soft_budget_cooldown",
                "last_active",
                "rotation_count",
                "rotation_interval",
                "last_rotation_at",
                "key_rotation_at"));
        return brought(Kind.KEY, hash(token), row, document);
    }

    /** Very old versions kept a key itself. */
    private static String hash(String token) {
        if (HASH.matcher(token).matches()) {
            return token;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
