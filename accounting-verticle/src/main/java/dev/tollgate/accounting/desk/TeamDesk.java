package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes, changes, stops and removes teams: {@code /team/new}, {@code update}, {@code block}, {@code unblock}, {@code delete}. */
final class TeamDesk {
    private static final Form FIELDS = LimitFields.MORE
            .and(FieldType.ID, "team_id", "organization_id")
            .and(FieldType.TEXT, "team_alias")
            .and(FieldType.NAMES, "model_aliases")
            .and(FieldType.TEXTS, "team_member_permissions", "default_team_member_models")
            .and(FieldType.AMOUNT, "team_member_budget")
            .and(FieldType.COUNT, "team_member_rpm_limit", "team_member_tpm_limit")
            .and(FieldType.PERIOD, "team_member_budget_duration")
            .and(FieldType.LIFETIME, "team_member_key_duration");
    private static final Form NEW =
            FIELDS.and(FieldType.LIST, "members_with_roles").and(FieldType.TEXTS, "admins", "members");
    private static final Form UPDATE = FIELDS.needs("team_id");
    private static final Form ONE = Form.empty().and(FieldType.ID, "team_id").needs("team_id");
    private static final Form MODELS = Form.empty()
            .and(FieldType.ID, "team_id")
            .and(FieldType.TEXTS, "models")
            .needs("team_id", "models");
    private static final Form SEVERAL =
            Form.empty().and(FieldType.TEXTS, "team_ids").needs("team_ids");

    /** What a team's own admins may change; what the team as a whole may use is for proxy and organization admins. */
    private static final List<String> OWN = List.of(
            "team_id",
            "team_alias",
            "metadata",
            "tags",
            "guardrails",
            "policies",
            "prompts",
            "team_member_permissions",
            "default_team_member_models",
            "team_member_budget",
            "team_member_rpm_limit",
            "team_member_tpm_limit",
            "team_member_budget_duration",
            "team_member_key_duration");

    private static final String MEMBERS_PERIOD = "team_member_budget_duration";

    private static final List<String> METADATA_LIMITS =
            List.of("model_rpm_limit", "model_tpm_limit", "team_member_budget_id");

    private final Office office;
    private final TeamMembers members;

    TeamDesk(Office office, TeamMembers members) {
        this.office = office;
        this.members = members;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        JsonObject fields = NEW.read(KeyRules.with(office.rules().get().team(), asked.read(NEW)));
        String given = fields.getString("team_id");
        String id = given == null ? UUID.randomUUID().toString() : given;
        if (office.book().entry(Kind.TEAM, id).isPresent()) {
            throw Refusal.bad("Team id = " + id + " already exists. Please use a different team id.", "team_id");
        }
        LimitFields.known(office.book(), fields);
        checkOrganization(fields.getString("organization_id"), fields);
        LimitFields.fold(fields, new JsonObject());
        JsonObject document = LimitFields.document(kept(fields)).put("team_id", id);
        document.put("members_with_roles", new JsonArray());
        for (TeamMembers.Member member : TeamMembers.founding(asked, fields)) {
            members.seat(asked, document, member);
        }
        String maker = asked.caller().userId();
        if (maker != null && Members.role(document, maker) == null) {
            members.seat(asked, document, new TeamMembers.Member(maker, null, "admin"));
        }
        asked.writing().create(Kind.TEAM, id, asked.born(document));
        spend(asked, id, fields);
        return Asked.show(() -> row(id));
    }

    /** A team cannot have models that its organization has not. */
    private void checkOrganization(@Nullable String organization, JsonObject fields) throws Refusal {
        if (organization == null) {
            return;
        }
        List<String> owned = KeyRules.texts(office.organization(organization).document(), "models");
        String beyond = office.rules().get().beyond(owned, KeyRules.texts(fields, "models"));
        if (beyond != null) {
            throw Refusal.forbidden("Organization=" + organization + " does not have access to model=" + beyond
                    + ". Organization models=" + owned);
        }
    }

    Asked.Reply update(Asked asked) throws Refusal {
        JsonObject fields = asked.read(UPDATE);
        Entry team = office.team(fields.getString("team_id"));
        may(asked, team, fields);
        LimitFields.known(office.book(), fields);
        JsonObject document = asked.writing().document(team);
        LimitFields.fold(fields, document);
        LimitFields.merge(document, kept(fields));
        checkOrganization(document.getString("organization_id"), document);
        asked.writing().update(team, asked.changed(document));
        if (!Objects.equals(team.document().getValue(MEMBERS_PERIOD), document.getValue(MEMBERS_PERIOD))) {
            for (JsonObject member : Members.of(document)) {
                asked.writing().carry(Holder.member(team.id(), member.getString("user_id", "")));
            }
        }
        spend(asked, team.id(), fields);
        return Asked.show(() -> new JsonObject().put("team_id", team.id()).put("data", row(team.id())));
    }

    private static void may(Asked asked, Entry team, JsonObject fields) throws Refusal {
        if (!asked.rights().managesTeam(team.id())) {
            throw asked.rights().refused("change team_id=" + team.id());
        }
        if (asked.rights().admin()) {
            return;
        }
        boolean organization =
                asked.rights().managesOrganization(team.document().getString("organization_id"));
        for (String name : fields.fieldNames()) {
            boolean moves = name.equals("organization_id") || name.equals("spend");
            if (organization ? moves : !OWN.contains(name)) {
                throw asked.rights().refused("change " + name + " of team_id=" + team.id());
            }
        }
        if (!organization && fields.containsKey("metadata")) {
            keepLimits(fields, team.document());
        }
    }

    /** Limits that stand in the metadata stay as they are when a team's admin writes it. */
    private static void keepLimits(JsonObject fields, JsonObject team) {
        JsonObject given = fields.getJsonObject("metadata");
        JsonObject metadata = given == null ? new JsonObject() : given.copy();
        JsonObject before = team.getJsonObject("metadata", new JsonObject());
        for (String name : METADATA_LIMITS) {
            metadata.remove(name);
            if (before.getValue(name) != null) {
                metadata.put(name, before.getValue(name));
            }
        }
        fields.put("metadata", metadata);
    }

    /** {@code /team/model/add}: beside those that it has. A team that names none may use all; from then on only these. */
    Asked.Reply addModels(Asked asked) throws Refusal {
        JsonObject fields = asked.read(MODELS);
        Entry team = office.team(fields.getString("team_id"));
        Set<String> models = new LinkedHashSet<>(KeyRules.texts(team.document(), "models"));
        models.addAll(KeyRules.texts(fields, "models"));
        return models(asked, team, models);
    }

    /** {@code /team/model/delete}: not the last one, for that would open all. */
    Asked.Reply removeModels(Asked asked) throws Refusal {
        JsonObject fields = asked.read(MODELS);
        Entry team = office.team(fields.getString("team_id"));
        Set<String> models = new LinkedHashSet<>(KeyRules.texts(team.document(), "models"));
        boolean some = !models.isEmpty();
        KeyRules.texts(fields, "models").forEach(models::remove);
        if (some && models.isEmpty()) {
            throw Refusal.bad(
                    "A team without models may use all of them. Add `no-default-models`, which stands for none, first",
                    "models");
        }
        return models(asked, team, models);
    }

    private Asked.Reply models(Asked asked, Entry team, Set<String> models) throws Refusal {
        JsonObject document = asked.writing().document(team).put("models", new JsonArray(List.copyOf(models)));
        checkOrganization(document.getString("organization_id"), document);
        asked.writing().update(team, asked.changed(document));
        return Asked.show(() -> row(team.id()));
    }

    Asked.Reply block(Asked asked) throws Refusal {
        return turn(asked, true);
    }

    Asked.Reply unblock(Asked asked) throws Refusal {
        return turn(asked, false);
    }

    private Asked.Reply turn(Asked asked, boolean blocked) throws Refusal {
        Entry team = office.team(asked.read(ONE).getString("team_id"));
        asked.writing()
                .update(team, asked.changed(asked.writing().document(team).put("blocked", blocked)));
        return Asked.show(() -> row(team.id()));
    }

    Asked.Reply delete(Asked asked) throws Refusal {
        List<String> ids = KeyRules.texts(asked.read(SEVERAL), "team_ids");
        for (String id : ids) {
            delete(asked, office.team(id));
        }
        return Asked.show(() -> new JsonObject().put("deleted_teams", new JsonArray(ids)));
    }

    /** With its keys and places. */
    void delete(Asked asked, Entry team) throws Refusal {
        asked.writing().delete(team);
        for (Entry key : office.where(Kind.KEY, document -> team.id().equals(document.getString("team_id")))) {
            asked.writing().delete(key);
        }
        for (JsonObject member : Members.of(team.document())) {
            var place = office.book().entry(Kind.MEMBER, Members.id(team.id(), member.getString("user_id", "")));
            if (place.isPresent()) {
                asked.writing().delete(place.get());
            }
        }
    }

    private static void spend(Asked asked, String id, JsonObject fields) {
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(new Holder(Kind.TEAM, id), Usd.nanos(spend));
        }
    }

    private static JsonObject kept(JsonObject fields) {
        JsonObject kept = fields.copy();
        List.of("spend", "members_with_roles", "admins", "members").forEach(kept::remove);
        return kept;
    }

    private JsonObject row(String id) {
        return office.shown().team(id, office.document(Kind.TEAM, id));
    }
}
