package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Organizations: {@code /organization/new}, {@code info}, {@code list}, {@code update}, {@code delete}. */
final class OrganizationDesk {
    private static final Form FIELDS = LimitFields.LIMITS
            .and(FieldType.ID, "organization_id")
            .and(FieldType.TEXT, "organization_alias")
            .and(FieldType.TEXTS, "models")
            .and(FieldType.METADATA, "metadata")
            .and(FieldType.COUNTS, "model_rpm_limit", "model_tpm_limit")
            .and(FieldType.AMOUNT, "spend");
    private static final Form NEW = FIELDS.needs("organization_alias");
    private static final Form UPDATE = FIELDS.needs("organization_id");
    private static final Form SEVERAL = Form.empty().and(FieldType.TEXTS, "organization_ids", "organizations");

    private final Office office;
    private final TeamDesk teams;

    OrganizationDesk(Office office, TeamDesk teams) {
        this.office = office;
        this.teams = teams;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        JsonObject fields = asked.read(NEW);
        String given = fields.getString("organization_id");
        String id = given == null ? UUID.randomUUID().toString() : given;
        if (office.book().entry(Kind.ORGANIZATION, id).isPresent()) {
            throw Refusal.bad(
                    "Organization id = " + id + " already exists. Please use a different one.", "organization_id");
        }
        budget(fields);
        LimitFields.fold(fields, new JsonObject());
        JsonObject document = LimitFields.document(kept(fields)).put("organization_id", id);
        asked.writing().create(Kind.ORGANIZATION, id, asked.born(document));
        spend(asked, id, fields);
        return Asked.show(() -> row(id));
    }

    /** Its own id is no organization that must be there before. */
    private void budget(JsonObject fields) throws Refusal {
        LimitFields.known(office.book(), new JsonObject().put("budget_id", fields.getValue("budget_id")));
    }

    Asked.Reply update(Asked asked) throws Refusal {
        JsonObject fields = asked.read(UPDATE);
        Entry organization = office.organization(fields.getString("organization_id"));
        budget(fields);
        JsonObject document = asked.writing().document(organization);
        LimitFields.fold(fields, document);
        LimitFields.merge(document, kept(fields));
        asked.writing().update(organization, asked.changed(document));
        spend(asked, organization.id(), fields);
        return Asked.show(() -> row(organization.id()));
    }

    Asked.Reply info(Asked asked) throws Refusal {
        String id = asked.parameter("organization_id");
        if (id == null) {
            throw Refusal.bad("organization_id must be passed", "organization_id");
        }
        Entry organization = office.organization(id);
        if (!asked.rights().seesOrganization(id)) {
            throw asked.rights().refused("access this organization's info, organization_id=" + id);
        }
        return Asked.show(() -> whole(organization));
    }

    /** By LiteLLM's older form: {@code {"organizations": [ids]}}. */
    Asked.Reply infos(Asked asked) throws Refusal {
        List<Entry> found = new ArrayList<>();
        for (String id : KeyRules.texts(asked.read(SEVERAL), "organizations")) {
            found.add(office.organization(id));
        }
        return Asked.list(() -> whole(found));
    }

    Asked.Reply list(Asked asked) {
        String id = asked.parameter("organization_id");
        String alias = asked.parameter("org_alias");
        List<Entry> found = office.where(
                Kind.ORGANIZATION,
                document -> (id == null || id.equals(document.getString("organization_id")))
                        && (alias == null || UserLists.contains(document.getString("organization_alias"), alias)));
        found.removeIf(organization -> !asked.rights().seesOrganization(organization.id()));
        return Asked.list(() -> whole(found));
    }

    /** With its teams and all keys. */
    Asked.Reply delete(Asked asked) throws Refusal {
        JsonArray rows = new JsonArray();
        for (String id : KeyRules.texts(asked.read(SEVERAL), "organization_ids")) {
            Entry organization = office.organization(id);
            rows.add(whole(organization));
            asked.writing().delete(organization);
            for (Entry team : teamsOf(id)) {
                teams.delete(asked, team);
            }
            for (Kind kind : List.of(Kind.KEY, Kind.ORGANIZATION_MEMBER)) {
                for (Entry each : office.where(kind, document -> id.equals(document.getString("organization_id")))) {
                    asked.writing().delete(each);
                }
            }
        }
        return Asked.list(() -> rows);
    }

    private List<Entry> teamsOf(@Nullable String id) {
        return office.where(Kind.TEAM, document -> String.valueOf(id).equals(document.getString("organization_id")));
    }

    private JsonArray whole(List<Entry> organizations) {
        JsonArray rows = new JsonArray();
        organizations.forEach(each -> rows.add(whole(each)));
        return rows;
    }

    private JsonObject whole(Entry organization) {
        JsonArray members = new JsonArray();
        for (Entry member : office.where(
                Kind.ORGANIZATION_MEMBER,
                document -> organization.id().equals(document.getString("organization_id")))) {
            members.add(office.shown().organizationMember(member));
        }
        JsonArray rows = new JsonArray();
        teamsOf(organization.id()).forEach(team -> rows.add(office.shown().team(team)));
        return office.shown()
                .organization(organization.id(), organization.document())
                .put("members", members)
                .put("teams", rows);
    }

    private static void spend(Asked asked, String id, JsonObject fields) {
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(new Holder(Kind.ORGANIZATION, id), Usd.nanos(spend));
        }
    }

    private static JsonObject kept(JsonObject fields) {
        JsonObject kept = fields.copy();
        kept.remove("spend");
        return kept;
    }

    private JsonObject row(String id) {
        return office.shown().organization(id, office.document(Kind.ORGANIZATION, id));
    }
}
