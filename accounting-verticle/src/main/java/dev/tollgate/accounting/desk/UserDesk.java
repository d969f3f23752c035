package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes, changes and removes users: {@code /user/new}, {@code /user/update}, {@code /user/delete}. */
final class UserDesk {
    private static final Form FIELDS = LimitFields.MORE
            .and(FieldType.ID, "user_id", "user_email", "sso_user_id")
            .and(FieldType.TEXT, "user_alias")
            .and(FieldType.ROLE, "user_role");
    /** Of the key that a new user gets. */
    private static final List<String> KEY_FIELDS = List.of(
            "key_alias", "duration", "team_id", "models", "aliases", "config", "permissions", "allowed_cache_controls");

    private static final Form NEW = FIELDS.and(FieldType.TEXT, "key_alias")
            .and(FieldType.LIFETIME, "duration")
            .and(FieldType.ID, "team_id")
            .and(FieldType.NAMES, "aliases")
            .and(FieldType.OBJECT, "config", "permissions")
            .and(FieldType.LIST, "allowed_cache_controls", "teams")
            .and(FieldType.TEXTS, "organizations")
            .and(FieldType.FLAG, "auto_create_key");
    /** In a team that a new user is put into. */
    private static final Form PLACE = TeamMembers.LIMITS.and(FieldType.ANY, "team_id", "user_role");

    private static final Form BULK = Form.empty()
            .and(FieldType.LIST, "users")
            .and(FieldType.FLAG, "all_users")
            .and(FieldType.OBJECT, "user_updates");
    private static final Form DELETE =
            Form.empty().and(FieldType.TEXTS, "user_ids").needs("user_ids");

    private final Office office;
    private final Keys keys;
    private final KeyMaking making;
    private final TeamMembers members;

    UserDesk(Office office, Keys keys, TeamMembers members) {
        this.office = office;
        this.keys = keys;
        this.making = new KeyMaking(office, keys);
        this.members = members;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        JsonObject fields = NEW.read(KeyRules.with(office.rules().get().user(), asked.read(NEW)));
        String given = fields.getString("user_id");
        String id = given == null ? UUID.randomUUID().toString() : given;
        if (office.book().entry(Kind.USER, id).isPresent()) {
            throw Refusal.conflict("User with id " + id + " already exists. Change it via `/user/update`");
        }
        unique(fields.getString("user_email"), id);
        LimitFields.known(office.book(), fields);
        LimitFields.fold(fields, new JsonObject());
        JsonObject document = LimitFields.document(kept(fields)).put("user_id", id);
        document.put("user_role", document.getString("user_role", "internal_user"));
        asked.writing().create(Kind.USER, id, asked.born(document));
        spend(asked, id, fields);
        join(asked, id, fields);
        KeyMaking.Made key = Boolean.FALSE.equals(fields.getBoolean("auto_create_key")) ? null : key(asked, id, fields);
        return Asked.show(() -> {
            JsonObject made = key == null ? new JsonObject().put("key", "") : keys.made(key.text(), key.hash());
            JsonObject row = row(id);
            row.remove("team_id");
            return made.mergeIn(row);
        });
    }

    /** A user is in the teams and organizations that are named, and the key belongs to nobody else's. */
    private void join(Asked asked, String id, JsonObject fields) throws Refusal {
        JsonArray teams = fields.getJsonArray("teams");
        String email = fields.getString("user_email");
        for (Object each : teams == null ? new JsonArray() : teams) {
            JsonObject place = each instanceof JsonObject object ? object : new JsonObject().put("team_id", each);
            Entry team = office.team(String.valueOf(place.getValue("team_id")));
            String role = "admin".equals(place.getValue("user_role")) ? "admin" : "user";
            members.join(asked, team, new TeamMembers.Member(id, email, role), asked.read(PLACE, place));
        }
        for (String organization : KeyRules.texts(fields, "organizations")) {
            office.organization(organization);
            asked.writing()
                    .create(
                            Kind.ORGANIZATION_MEMBER,
                            Members.id(organization, id),
                            asked.born(new JsonObject()
                                    .put("organization_id", organization)
                                    .put("user_id", id)
                                    .put("user_role", "internal_user")));
        }
    }

    private KeyMaking.Made key(Asked asked, String id, JsonObject fields) throws Refusal {
        JsonObject key = new JsonObject().put("user_id", id);
        for (String name : KEY_FIELDS) {
            if (fields.getValue(name) != null) {
                key.put(name, fields.getValue(name));
            }
        }
        return making.make(asked, making.filled(key).put("user_id", id));
    }

    Asked.Reply update(Asked asked) throws Refusal {
        String id = update(asked, asked.read(FIELDS));
        return Asked.show(() -> new JsonObject().put("user_id", id).put("data", row(id)));
    }

    /** {@code /user/bulk_update}: users with fields of their own, or all with the same; who cannot be changed does not hinder the others. */
    Asked.Reply bulkUpdate(Asked asked) throws Refusal {
        Crowd users = new Crowd(wanted(asked.read(BULK)), one -> update(asked, asked.read(FIELDS, one)));
        return Asked.show(() -> {
            for (Object each : users.results()) {
                JsonObject result = (JsonObject) each;
                boolean good = Boolean.TRUE.equals(result.getBoolean("success"));
                result.put("updated_user", good ? row(result.getString("user_id")) : null);
            }
            return users.json("successful_updates", "failed_updates");
        });
    }

    private JsonArray wanted(JsonObject fields) throws Refusal {
        JsonArray wanted = new JsonArray();
        if (Boolean.TRUE.equals(fields.getBoolean("all_users"))) {
            JsonObject updates = fields.getJsonObject("user_updates", new JsonObject());
            for (String own : List.of("user_id", "user_email", "sso_user_id")) {
                if (updates.containsKey(own)) {
                    throw Refusal.bad("`user_updates` cannot give all users the same `" + own + "`", own);
                }
            }
            office.book()
                    .entries(Kind.USER)
                    .forEach(user -> wanted.add(updates.copy().put("user_id", user.id())));
        } else if (fields.getJsonArray("users") != null) {
            wanted.addAll(fields.getJsonArray("users"));
        }
        return wanted;
    }

    private String update(Asked asked, JsonObject fields) throws Refusal {
        Entry user = find(fields.getString("user_id"), fields.getString("user_email"));
        String email = fields.getString("user_email");
        if (email != null) {
            unique(email, user.id());
        }
        LimitFields.known(office.book(), fields);
        JsonObject document = asked.writing().document(user);
        LimitFields.fold(fields, document);
        LimitFields.merge(document, kept(fields));
        document.put("user_id", user.id());
        asked.writing().update(user, asked.changed(document));
        spend(asked, user.id(), fields);
        return user.id();
    }

    private Entry find(@Nullable String id, @Nullable String email) throws Refusal {
        if (id == null && email == null) {
            throw Refusal.bad("Either user_id or user_email must be provided", "user_id");
        }
        Optional<Entry> found = id != null
                ? office.book().entry(Kind.USER, id)
                : office
                        .where(
                                Kind.USER,
                                document -> String.valueOf(email).equalsIgnoreCase(document.getString("user_email")))
                        .stream()
                        .findFirst();
        return found.orElseThrow(() ->
                Refusal.missing("User not found, passed " + (id != null ? "user_id=" + id : "user_email=" + email)));
    }

    private void unique(@Nullable String email, String own) throws Refusal {
        if (email != null) {
            for (Entry entry : office.book().entries(Kind.USER)) {
                if (!entry.id().equals(own)
                        && email.equalsIgnoreCase(entry.document().getString("user_email"))) {
                    throw Refusal.bad(
                            "User with email " + email + " already exists in user_id=" + entry.id(), "user_email");
                }
            }
        }
    }

    /** With their keys and places. */
    Asked.Reply delete(Asked asked) throws Refusal {
        List<String> ids = KeyRules.texts(asked.read(DELETE), "user_ids");
        for (String id : ids) {
            asked.writing().delete(find(id, null));
            for (Entry key : office.where(Kind.KEY, document -> id.equals(document.getString("user_id")))) {
                asked.writing().delete(key);
            }
            for (Entry team : office.where(Kind.TEAM, document -> Members.role(document, id) != null)) {
                members.leave(asked, team, id);
            }
            for (Entry place :
                    office.where(Kind.ORGANIZATION_MEMBER, document -> id.equals(document.getString("user_id")))) {
                asked.writing().delete(place);
            }
        }
        return Asked.show(() -> new JsonObject().put("deleted_users", ids.size()));
    }

    private static void spend(Asked asked, String id, JsonObject fields) {
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(new Holder(Kind.USER, id), Usd.nanos(spend));
        }
    }

    private static JsonObject kept(JsonObject fields) {
        JsonObject kept = fields.copy();
        List.of("spend", "auto_create_key", "teams", "organizations").forEach(kept::remove);
        KEY_FIELDS.stream().filter(name -> !name.equals("models")).forEach(kept::remove);
        return kept;
    }

    private JsonObject row(String id) {
        return office.book()
                .entry(Kind.USER, id)
                .map(entry -> office.shown().user(entry, office.teamsOf(id)))
                .orElseGet(JsonObject::new);
    }
}
