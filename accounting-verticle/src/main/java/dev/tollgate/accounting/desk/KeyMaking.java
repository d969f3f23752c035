package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The making of one key, for {@code /key/generate} and for {@code /user/new}: defaults, ceilings, who may, and the document. */
final class KeyMaking {
    private static final Map<String, String> TYPES =
            Map.of("llm_api", "llm_api_routes", "management", "management_routes", "read_only", "info_routes");

    private final Office office;
    private final Keys keys;

    /** A new key: its text, which is shown once, and its hash. */
    record Made(String text, String hash) {}

    KeyMaking(Office office, Keys keys) {
        this.office = office;
        this.keys = keys;
    }

    /** With what the configuration says about fields that were left out; of the right types whoever said it. */
    JsonObject filled(JsonObject fields) throws Refusal {
        KeyRules rules = office.rules().get();
        rules.checkCeilings(fields);
        return KeyDesk.GENERATE.read(rules.filled(fields));
    }

    Made make(Asked asked, JsonObject fields) throws Refusal {
        may(asked, fields);
        LimitFields.known(office.book(), fields);
        notRotated(fields);
        keys.unique(fields.getString("key_alias"), null);
        String text = keys.text(fields.getString("key"));
        LimitFields.fold(fields, new JsonObject());
        routes(fields);
        JsonObject document = LimitFields.document(KeyDesk.kept(fields));
        checkPlace(document, true);
        String expires = expires(fields.getString("duration"), asked.now());
        if (expires != null) {
            document.put("expires", expires);
        }
        String user = document.getString("user_id");
        if (user != null) {
            office.greet(asked, user, new JsonObject());
        }
        String hash = keys.create(asked, text, document);
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(new Holder(Kind.KEY, hash), Usd.nanos(spend));
        }
        return new Made(text, hash);
    }

    /** When a key of that duration ends; null: never. */
    static @Nullable String expires(@Nullable String duration, Instant now) {
        return duration == null || duration.equals("-1")
                ? null
                : Lifetime.iso(Lifetime.parse(duration).orElseThrow().from(now));
    }

    /** LiteLLM makes such keys anew on a schedule and hands them to a secret manager. Without one, nobody would know the new text. */
    static void notRotated(JsonObject fields) throws Refusal {
        if (Boolean.TRUE.equals(fields.getBoolean("auto_rotate"))) {
            throw Refusal.bad(
                    "auto_rotate is not possible: a key that is made anew on a schedule must be handed to its users by a secret"
                            + " manager, and this gateway has none. Regenerate it with /key/{key}/regenerate and a grace_period",
                    "auto_rotate");
        }
    }

    /** {@code key_type} is a name for a group of routes. */
    void routes(JsonObject fields) throws Refusal {
        String type = fields.getString("key_type");
        if (type == null || type.equals("default")) {
            return;
        }
        String routes = TYPES.get(type);
        if (routes == null) {
            throw Refusal.bad("key_type must be one of default, llm_api, management, read_only", "key_type");
        }
        fields.put("allowed_routes", new JsonArray().add(routes));
    }

    private void may(Asked asked, JsonObject fields) throws Refusal {
        String team = fields.getString("team_id");
        if (team == null) {
            mayOwn(asked, fields);
            return;
        }
        Entry entry = office.book()
                .entry(Kind.TEAM, team)
                .orElseThrow(() -> Refusal.missing(
                        "Team doesn't exist in db. Team=" + team + ". Create team via `/team/new` call."));
        office.rules().get().checkRequired("team_key_generation", fields);
        if (asked.rights().admin()) {
            return;
        }
        String user = fields.getString("user_id");
        String role = Members.role(entry.document(), asked.caller().userId());
        List<String> allowed = office.rules().get().roles("team_key_generation", "allowed_team_member_roles");
        boolean manages =
                asked.rights().managesTeam(team) && (allowed == null || role == null || allowed.contains(role));
        boolean member = role != null
                && allowed != null
                && allowed.contains(role)
                && asked.rights().self(user);
        if (!manages && !member) {
            throw asked.rights().refused("make keys of team_id=" + team);
        }
        if (user != null && Members.role(entry.document(), user) == null) {
            throw Refusal.bad("User=" + user + " not assigned to team=" + team, "user_id");
        }
        if (!asked.rights().self(user)) {
            onlyForModels(fields, user);
        }
        notByUsers(asked, fields);
    }

    /** A key stands for its user, so whoever gets to see somebody else's must not be able to manage with it what is theirs. */
    static void onlyForModels(JsonObject fields, @Nullable String user) {
        if (user != null) {
            fields.remove("key_type");
            fields.put("allowed_routes", new JsonArray().add("llm_api_routes"));
        }
    }

    /** Whether the caller could make such a key, and so may change on one of theirs what making would let them choose. */
    boolean couldMake(Asked asked, JsonObject document) {
        String team = document.getString("team_id");
        if (team == null) {
            List<String> roles = office.rules().get().roles("personal_key_generation", "allowed_user_roles");
            return roles == null || roles.contains(asked.caller().role().wireName());
        }
        List<String> roles = office.rules().get().roles("team_key_generation", "allowed_team_member_roles");
        return roles != null
                && roles.contains(String.valueOf(Members.role(
                        office.document(Kind.TEAM, team), asked.caller().userId())));
    }

    private void mayOwn(Asked asked, JsonObject fields) throws Refusal {
        office.rules().get().checkRequired("personal_key_generation", fields);
        List<String> roles = office.rules().get().roles("personal_key_generation", "allowed_user_roles");
        String role = asked.caller().role().wireName();
        if (roles != null && !roles.contains(role)) {
            throw Refusal.bad("Personal key creation has been restricted by admin. Allowed roles=" + roles
                    + ". Your role=" + role);
        }
        if (asked.rights().admin()) {
            return;
        }
        String user = fields.getString("user_id");
        if (!asked.rights().self(user)) {
            throw Refusal.forbidden("User can only create keys for themselves. Got user_id=" + user + ", Your ID="
                    + asked.caller().userId());
        }
        notByUsers(asked, fields);
    }

    private static void notByUsers(Asked asked, JsonObject fields) throws Refusal {
        if (fields.getValue("spend") != null) {
            throw asked.rights().refused("set what a key has spent");
        }
        String organization = fields.getString("organization_id");
        boolean teams = fields.getString("team_id") != null && !asked.rights().managesOrganization(organization);
        if (organization != null && (teams || !asked.rights().seesOrganization(organization))) {
            throw Refusal.forbidden("Caller is not a member of organization_id=" + organization);
        }
    }

    /** A key may name only models that its team has, and only a team that there is. */
    void checkPlace(JsonObject document, boolean joining) throws Refusal {
        String team = document.getString("team_id");
        if (team == null) {
            return;
        }
        Entry entry = joining
                ? office.team(team)
                : office.book().entry(Kind.TEAM, team).orElse(null);
        List<String> owned = entry == null ? List.of() : KeyRules.texts(entry.document(), "models");
        String beyond = office.rules().get().beyond(owned, KeyRules.texts(document, "models"));
        if (beyond != null) {
            throw Refusal.forbidden(
                    "Team=" + team + " does not have access to model=" + beyond + ". Team models=" + owned);
        }
    }
}
