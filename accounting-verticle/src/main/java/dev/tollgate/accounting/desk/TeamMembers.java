package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * People's places in teams: {@code /team/member_add}, {@code member_update}, {@code member_delete}. Who is in a team and as what
 * stands in the team's document; what somebody may use there stands in an entry of its own, if anything was said about it.
 */
final class TeamMembers {
    /** Of one place. */
    static final Form LIMITS = Form.empty()
            .and(FieldType.AMOUNT, "max_budget_in_team")
            .and(FieldType.PERIOD, "budget_duration")
            .and(FieldType.COUNT, "tpm_limit", "rpm_limit");

    private static final Form PERSON =
            Form.empty().and(FieldType.ID, "user_id", "user_email").and(FieldType.TEXT, "role");
    private static final Form ADD =
            LIMITS.and(FieldType.ID, "team_id").and(FieldType.ANY, "member").needs("team_id", "member");
    private static final Form BULK = LIMITS.and(FieldType.ID, "team_id")
            .and(FieldType.LIST, "members")
            .and(FieldType.FLAG, "all_users")
            .needs("team_id");
    private static final Form CHANGE =
            LIMITS.and(PERSON).and(FieldType.ID, "team_id").needs("team_id");

    private final Office office;

    /** Somebody who is or is to be in a team. */
    record Member(String user, @Nullable String email, String role) {}

    TeamMembers(Office office) {
        this.office = office;
    }

    /** Those that a new team begins with. */
    static List<Member> founding(Asked asked, JsonObject fields) throws Refusal {
        List<Member> founding = new ArrayList<>();
        JsonArray members = fields.getJsonArray("members_with_roles");
        for (Object each : members == null ? new JsonArray() : members) {
            JsonObject person = asked.read(PERSON, each instanceof JsonObject object ? object : new JsonObject());
            founding.add(member(person, person.getString("user_id")));
        }
        KeyRules.texts(fields, "members").forEach(user -> founding.add(new Member(user, null, "user")));
        KeyRules.texts(fields, "admins").forEach(user -> founding.add(new Member(user, null, "admin")));
        return founding;
    }

    private static Member member(JsonObject person, @Nullable String user) throws Refusal {
        String role = person.getString("role");
        if (role != null && !role.equals("admin") && !role.equals("user")) {
            throw Refusal.bad("role must be admin or user, not " + role, "role");
        }
        if (user == null) {
            throw Refusal.bad("Either user_id or user_email must be provided", "user_id");
        }
        return new Member(user, person.getString("user_email"), role == null ? "user" : role);
    }

    /** Puts somebody into a team's document; makes the user when there is none. */
    void seat(Asked asked, JsonObject team, Member member) {
        Members.put(team, member.user(), member.email(), member.role());
        office.greet(asked, member.user(), new JsonObject().put("user_email", member.email()));
    }

    /** The same for a team that there is, with limits for the place. */
    void join(Asked asked, Entry team, Member member, JsonObject limits) throws Refusal {
        JsonObject document = asked.writing().document(team);
        seat(asked, document, member);
        asked.writing().update(team, asked.changed(document));
        place(asked, team.id(), member.user(), limits);
    }

    /** Takes somebody out of a team: their place, and the keys that they have there. */
    void leave(Asked asked, Entry team, String user) throws Refusal {
        JsonObject document = asked.writing().document(team);
        Members.remove(document, user);
        asked.writing().update(team, asked.changed(document));
        Optional<Entry> place = office.book().entry(Kind.MEMBER, Members.id(team.id(), user));
        if (place.isPresent()) {
            asked.writing().delete(place.get());
        }
        for (Entry key : office.where(
                Kind.KEY,
                each -> user.equals(each.getString("user_id")) && team.id().equals(each.getString("team_id")))) {
            asked.writing().delete(key);
        }
    }

    private void place(Asked asked, String team, String user, JsonObject limits) throws Refusal {
        JsonObject said = new JsonObject();
        for (String name : List.of("budget_duration", "tpm_limit", "rpm_limit")) {
            if (limits.containsKey(name)) {
                said.put(name, limits.getValue(name));
            }
        }
        if (limits.containsKey("max_budget_in_team")) {
            said.put("max_budget", limits.getValue("max_budget_in_team"));
        }
        if (said.isEmpty()) {
            return;
        }
        String id = Members.id(team, user);
        Optional<Entry> before = office.book().entry(Kind.MEMBER, id);
        if (before.isPresent()) {
            JsonObject document = asked.writing().document(before.get());
            LimitFields.merge(document, said);
            asked.writing().update(before.get(), asked.changed(document));
        } else {
            JsonObject document = LimitFields.document(said);
            asked.writing()
                    .create(
                            Kind.MEMBER,
                            id,
                            asked.born(document.put("team_id", team).put("user_id", user)));
        }
    }

    Asked.Reply add(Asked asked) throws Refusal {
        JsonObject fields = asked.read(ADD);
        Entry team = managed(asked, fields.getString("team_id"));
        List<Member> added = new ArrayList<>();
        Object given = fields.getValue("member");
        for (Object each : given instanceof JsonArray list ? list : JsonArray.of(given)) {
            added.add(join(asked, team, each, fields));
        }
        return Asked.show(() -> {
            JsonArray users = new JsonArray();
            JsonArray places = new JsonArray();
            for (Member member : added) {
                office.book()
                        .entry(Kind.USER, member.user())
                        .ifPresent(user -> users.add(office.shown().user(user, office.teamsOf(member.user()))));
                places.add(shown(team.id(), member.user()));
            }
            return office.shown()
                    .team(team.id(), office.document(Kind.TEAM, team.id()))
                    .put("updated_users", users)
                    .put("updated_team_memberships", places);
        });
    }

    /** Puts in whoever a body names, unless they are in. */
    private Member join(Asked asked, Entry team, @Nullable Object named, JsonObject limits) throws Refusal {
        JsonObject person = asked.read(PERSON, named instanceof JsonObject object ? object : new JsonObject());
        Member member = member(person, person(person));
        if (Members.role(asked.writing().document(team), member.user()) != null) {
            throw Refusal.of(Failure.of(
                            FailureKind.BAD_REQUEST,
                            "User already in team. Member: user_id=" + member.user() + ", user_email=" + member.email())
                    .withType("team_member_already_in_team")
                    .withParam("user_id"));
        }
        join(asked, team, member, limits);
        return member;
    }

    /** {@code /team/bulk_member_add}: who is in already, or cannot be put in, is named and does not hinder the others. */
    Asked.Reply addAll(Asked asked) throws Refusal {
        JsonObject fields = asked.read(BULK);
        Entry team = managed(asked, fields.getString("team_id"));
        JsonArray people = new JsonArray();
        if (Boolean.TRUE.equals(fields.getBoolean("all_users"))) {
            office.book().entries(Kind.USER).forEach(user -> people.add(new JsonObject().put("user_id", user.id())));
        } else if (fields.getJsonArray("members") != null) {
            people.addAll(fields.getJsonArray("members"));
        }
        Crowd members = new Crowd(people, one -> join(asked, team, one, fields).user());
        return Asked.show(() -> members.json("successful_additions", "failed_additions")
                .put("team_id", team.id())
                .put("updated_team", office.shown().team(team.id(), office.document(Kind.TEAM, team.id()))));
    }

    /** Somebody named by an address has the id of the user of that address, or a new one. */
    private @Nullable String person(JsonObject person) {
        String user = person.getString("user_id");
        String email = person.getString("user_email");
        if (user != null || email == null) {
            return user;
        }
        String known = office.userOf(email);
        return known != null ? known : UUID.randomUUID().toString();
    }

    private JsonObject shown(String team, String user) {
        return office.shown().member(team, user, office.document(Kind.MEMBER, Members.id(team, user)));
    }

    private Entry managed(Asked asked, @Nullable String id) throws Refusal {
        Entry team = office.team(String.valueOf(id));
        if (!asked.rights().managesTeam(team.id())) {
            throw asked.rights().refused("change the members of team_id=" + team.id());
        }
        return team;
    }

    private String present(Entry team, JsonObject fields) throws Refusal {
        String user = person(fields);
        if (user == null) {
            throw Refusal.bad("Either user_id or user_email must be provided", "user_id");
        }
        if (Members.role(team.document(), user) == null) {
            throw Refusal.bad("User not found in team. Team=" + team.id() + ", user_id=" + user, "user_id");
        }
        return user;
    }

    Asked.Reply change(Asked asked) throws Refusal {
        JsonObject fields = asked.read(CHANGE);
        Entry team = managed(asked, fields.getString("team_id"));
        String user = present(team, fields);
        if (fields.getString("role") != null) {
            Member member = member(fields, user);
            JsonObject document = asked.writing().document(team);
            Members.put(document, user, member.email(), member.role());
            asked.writing().update(team, asked.changed(document));
        }
        place(asked, team.id(), user, fields);
        return Asked.show(() -> {
            JsonObject place = office.document(Kind.MEMBER, Members.id(team.id(), user));
            return new JsonObject()
                    .put("team_id", team.id())
                    .put("user_id", user)
                    .put("user_email", fields.getString("user_email"))
                    .put("max_budget_in_team", place.getValue("max_budget"))
                    .put("budget_duration", place.getValue("budget_duration"))
                    .put("tpm_limit", place.getValue("tpm_limit"))
                    .put("rpm_limit", place.getValue("rpm_limit"));
        });
    }

    Asked.Reply remove(Asked asked) throws Refusal {
        JsonObject fields = asked.read(CHANGE);
        Entry team = managed(asked, fields.getString("team_id"));
        leave(asked, team, present(team, fields));
        return Asked.show(() -> office.shown().team(team.id(), office.document(Kind.TEAM, team.id())));
    }
}
