package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** People's places in organizations: {@code /organization/member_add}, {@code member_update}, {@code member_delete}. */
final class OrganizationMembers {
    private static final List<String> ROLES = List.of("org_admin", "internal_user", "internal_user_viewer");
    private static final Form PERSON =
            Form.empty().and(FieldType.ID, "user_id", "user_email").and(FieldType.TEXT, "role");
    private static final Form ADD = Form.empty()
            .and(FieldType.ID, "organization_id")
            .and(FieldType.ANY, "member")
            .and(FieldType.AMOUNT, "max_budget_in_organization")
            .needs("organization_id", "member");
    private static final Form CHANGE = PERSON.and(FieldType.ID, "organization_id")
            .and(FieldType.AMOUNT, "max_budget_in_organization")
            .needs("organization_id");

    private final Office office;

    OrganizationMembers(Office office) {
        this.office = office;
    }

    Asked.Reply add(Asked asked) throws Refusal {
        JsonObject fields = asked.read(ADD);
        String organization = managed(asked, fields);
        Object given = fields.getValue("member");
        List<String> added = new ArrayList<>();
        for (Object each : given instanceof JsonArray list ? list : JsonArray.of(given)) {
            JsonObject person = asked.read(PERSON, each instanceof JsonObject object ? object : new JsonObject());
            String user = Optional.ofNullable(known(person))
                    .orElseGet(() -> UUID.randomUUID().toString());
            if (office.book()
                    .entry(Kind.ORGANIZATION_MEMBER, Members.id(organization, user))
                    .isPresent()) {
                throw Refusal.bad("User already in organization. Member: user_id=" + user, "user_id");
            }
            office.greet(asked, user, new JsonObject().put("user_email", person.getString("user_email")));
            JsonObject document = new JsonObject()
                    .put("organization_id", organization)
                    .put("user_id", user)
                    .put("user_role", role(person, "internal_user"));
            if (fields.getValue("max_budget_in_organization") != null) {
                document.put("max_budget", fields.getValue("max_budget_in_organization"));
            }
            asked.writing().create(Kind.ORGANIZATION_MEMBER, Members.id(organization, user), asked.born(document));
            added.add(user);
        }
        return Asked.show(() -> {
            JsonArray users = new JsonArray();
            JsonArray places = new JsonArray();
            for (String user : added) {
                office.book()
                        .entry(Kind.USER, user)
                        .ifPresent(entry -> users.add(office.shown().user(entry, office.teamsOf(user))));
                office.book()
                        .entry(Kind.ORGANIZATION_MEMBER, Members.id(organization, user))
                        .ifPresent(entry -> places.add(office.shown().organizationMember(entry)));
            }
            return new JsonObject()
                    .put("organization_id", organization)
                    .put("updated_users", users)
                    .put("updated_organization_memberships", places);
        });
    }

    Asked.Reply change(Asked asked) throws Refusal {
        JsonObject fields = asked.read(CHANGE);
        Entry place = place(managed(asked, fields), fields);
        JsonObject document = asked.writing().document(place);
        document.put("user_role", role(fields, document.getString("user_role", "internal_user")));
        if (fields.containsKey("max_budget_in_organization")) {
            LimitFields.merge(
                    document, new JsonObject().put("max_budget", fields.getValue("max_budget_in_organization")));
        }
        asked.writing().update(place, asked.changed(document));
        return Asked.show(() -> office.shown()
                .organizationMember(
                        new Entry(place.kind(), place.id(), 0, office.document(Kind.ORGANIZATION_MEMBER, place.id()))));
    }

    Asked.Reply remove(Asked asked) throws Refusal {
        JsonObject fields = asked.read(CHANGE);
        Entry place = place(managed(asked, fields), fields);
        JsonObject row = office.shown().organizationMember(place);
        asked.writing().delete(place);
        return Asked.show(() -> row);
    }

    private String managed(Asked asked, JsonObject fields) throws Refusal {
        String organization = office.organization(String.valueOf(fields.getString("organization_id")))
                .id();
        if (!asked.rights().managesOrganization(organization)) {
            throw asked.rights().refused("change the members of organization_id=" + organization);
        }
        return organization;
    }

    private Entry place(String organization, JsonObject fields) throws Refusal {
        String user = known(fields);
        if (user == null) {
            throw Refusal.bad("Either user_id or user_email must be provided", "user_id");
        }
        return office.book()
                .entry(Kind.ORGANIZATION_MEMBER, Members.id(organization, user))
                .orElseThrow(() -> Refusal.missing(
                        "User not found in organization. organization_id=" + organization + ", user_id=" + user));
    }

    private @Nullable String known(JsonObject person) throws Refusal {
        String user = person.getString("user_id");
        String email = person.getString("user_email");
        if (user == null && email == null) {
            throw Refusal.bad("Either user_id or user_email must be provided", "user_id");
        }
        return user != null ? user : office.userOf(String.valueOf(email));
    }

    private static String role(JsonObject person, String usual) throws Refusal {
        String role = person.getString("role");
        if (role == null) {
            return usual;
        }
        if (!ROLES.contains(role)) {
            throw Refusal.bad("role must be one of " + ROLES + ", not " + role, "role");
        }
        return role;
    }
}
