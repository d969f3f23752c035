package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes keys, changes them and makes them anew: {@code /key/generate}, {@code /key/update}, {@code /key/regenerate}. */
final class KeyDesk {
    /** What a key has; all of it is kept but what {@link #TRANSIENT} names. */
    private static final Form FIELDS = LimitFields.MORE
            .and(FieldType.TEXT, "key_alias", "key_type")
            .and(FieldType.LIFETIME, "duration")
            .and(FieldType.ID, "user_id", "team_id", "organization_id")
            .and(FieldType.NAMES, "aliases")
            .and(FieldType.FLAG, "auto_rotate")
            .and(FieldType.OBJECT, "config", "permissions")
            .and(FieldType.TEXTS, "allowed_routes")
            .and(FieldType.LIST, "allowed_cache_controls");

    static final Form GENERATE = FIELDS.and(FieldType.TEXT, "key");
    private static final Form UPDATE = GENERATE.needs("key");
    private static final Form REGENERATE =
            GENERATE.and(FieldType.TEXT, "new_key").and(FieldType.LIFETIME, "grace_period");
    private static final Form BULK = Form.empty().and(FieldType.LIST, "keys").needs("keys");

    private static final List<String> TRANSIENT =
            List.of("key", "new_key", "duration", "spend", "key_type", "grace_period", "auto_rotate");
    /** What a key's owner uses but does not decide on. */
    private static final List<String> GOVERNED = List.of(
            "spend",
            "max_budget",
            "soft_budget",
            "budget_duration",
            "budget_id",
            "budget_limits",
            "model_max_budget",
            "blocked",
            "user_id",
            "team_id",
            "organization_id");

    /** Whom a key stands for, and where. */
    private static final List<String> STANDING = List.of("user_id", "allowed_routes", "key_type");

    /** What those may still say who could not make such a key themselves. */
    private static final List<String> NAMING = List.of("key", "new_key", "grace_period", "key_alias");

    private final Office office;
    private final Keys keys;
    private final KeyMaking making;

    KeyDesk(Office office, Keys keys) {
        this.office = office;
        this.keys = keys;
        this.making = new KeyMaking(office, keys);
    }

    Asked.Reply generate(Asked asked) throws Refusal {
        JsonObject fields = making.filled(asked.read(GENERATE));
        if (asked.caller().userId() != null && !asked.rights().admin() && fields.getString("user_id") == null) {
            fields.put("user_id", asked.caller().userId());
        }
        KeyMaking.Made made = making.make(asked, fields);
        return Asked.show(() -> keys.made(made.text(), made.hash()));
    }

    /** A key of a team that no person owns, for a program. */
    Asked.Reply serviceAccount(Asked asked) throws Refusal {
        JsonObject fields = making.filled(asked.read(GENERATE));
        if (fields.getString("team_id") == null) {
            throw Refusal.bad(
                    "team_id is required for service account keys. Please specify `team_id` in the request body.",
                    "team_id");
        }
        fields.remove("user_id");
        JsonObject given = fields.getJsonObject("metadata");
        JsonObject metadata = given == null ? new JsonObject() : given;
        fields.put("metadata", metadata.put("service_account_id", fields.getString("key_alias")));
        KeyMaking.Made made = making.make(asked, fields);
        return Asked.show(() -> keys.made(made.text(), made.hash()));
    }

    Asked.Reply update(Asked asked) throws Refusal {
        JsonObject fields = asked.read(UPDATE);
        String key = fields.getString("key");
        Entry entry = update(asked, key, fields);
        return Asked.show(() -> new JsonObject()
                .put("key", key)
                .mergeIn(office.shown().key(entry.id(), office.document(Kind.KEY, entry.id()))));
    }

    private Entry update(Asked asked, String key, JsonObject fields) throws Refusal {
        Entry entry = keys.current(key);
        may(asked, entry, fields);
        office.rules().get().checkUpdate(fields);
        change(asked, entry, fields);
        return entry;
    }

    private void may(Asked asked, Entry entry, JsonObject fields) throws Refusal {
        JsonObject document = entry.document();
        if (!asked.rights().changesKey(entry)) {
            throw asked.rights().refused("change this key");
        }
        if (asked.rights().governsKey(document)) {
            govern(asked, document, fields);
            return;
        }
        boolean free = making.couldMake(asked, document);
        for (String name : fields.fieldNames()) {
            boolean governed = free ? GOVERNED.contains(name) : !NAMING.contains(name);
            if (governed && !same(fields.getValue(name), document.getValue(name))) {
                throw asked.rights()
                        .refused("change " + name + " of a key: only proxy admins and admins of the key's team are");
            }
        }
    }

    private static void govern(Asked asked, JsonObject document, JsonObject fields) throws Refusal {
        if (asked.rights().admin()) {
            return;
        }
        String team = fields.getString("team_id", document.getString("team_id"));
        if (!asked.rights().managesTeam(team)) {
            throw asked.rights().refused("give a key to team_id=" + team);
        }
        String organization = fields.getString("organization_id");
        if (organization != null && !asked.rights().managesOrganization(organization)) {
            throw asked.rights().refused("give a key to organization_id=" + organization);
        }
        if (fields.containsKey("spend")) {
            throw asked.rights().refused("set what a key has spent");
        }
        if (STANDING.stream().anyMatch(fields::containsKey)) {
            guard(asked, document, fields);
        }
    }

    /** Of somebody else's key that the caller may know the text of. */
    private static void guard(Asked asked, JsonObject document, JsonObject fields) {
        String user = fields.getString("user_id", document.getString("user_id"));
        if (!asked.rights().admin() && !asked.rights().self(user)) {
            KeyMaking.onlyForModels(fields, user);
        }
    }

    private static boolean same(@Nullable Object asked, @Nullable Object had) {
        return asked == null ? had == null : had != null && asked.toString().equals(had.toString());
    }

    private void change(Asked asked, Entry entry, JsonObject fields) throws Refusal {
        LimitFields.known(office.book(), fields);
        KeyMaking.notRotated(fields);
        keys.unique(fields.getString("key_alias"), entry);
        JsonObject after = asked.writing().document(entry);
        LimitFields.fold(fields, after);
        making.routes(fields);
        Consumer<JsonObject> change = document -> {
            LimitFields.merge(document, kept(fields));
            if (fields.containsKey("duration")) {
                document.put("expires", KeyMaking.expires(fields.getString("duration"), asked.now()));
            }
        };
        change.accept(after);
        making.checkPlace(after, fields.getString("team_id") != null);
        keys.change(asked, entry, change);
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(Keys.holder(entry), Usd.nanos(spend));
        }
    }

    static JsonObject kept(JsonObject fields) {
        JsonObject kept = fields.copy();
        TRANSIENT.forEach(kept::remove);
        return kept;
    }

    /** Each for itself: one that fails does not keep the others back. Only admins come here, so no rights are at stake. */
    Asked.Reply bulkUpdate(Asked asked) throws Refusal {
        JsonArray wanted = asked.read(BULK).getJsonArray("keys");
        JsonArray failed = new JsonArray();
        JsonArray changed = new JsonArray();
        for (Object each : wanted) {
            JsonObject one = each instanceof JsonObject object ? object : new JsonObject();
            try {
                JsonObject fields = asked.read(UPDATE, one);
                changed.add(new JsonArray()
                        .add(fields.getString("key"))
                        .add(update(asked, fields.getString("key"), fields).id()));
            } catch (Refusal refusal) {
                failed.add(new JsonObject()
                        .put("key", one.getValue("key"))
                        .put("key_info", null)
                        .put("failed_reason", refusal.reason()));
            }
        }
        return Asked.show(() -> {
            JsonArray done = new JsonArray();
            for (int i = 0; i < changed.size(); i++) {
                String hash = changed.getJsonArray(i).getString(1);
                done.add(new JsonObject()
                        .put("key", changed.getJsonArray(i).getString(0))
                        .put("key_info", office.shown().key(hash, office.document(Kind.KEY, hash))));
            }
            return new JsonObject()
                    .put("total_requested", wanted.size())
                    .put("successful_updates", done)
                    .put("failed_updates", failed);
        });
    }

    /** A new text for the same account. The old one goes on for the grace period, or ends at once. */
    Asked.Reply regenerate(Asked asked) throws Refusal {
        JsonObject fields = asked.read(REGENERATE);
        String named = asked.named().isEmpty() ? fields.getString("key") : asked.named();
        Entry old = keys.current(
                Optional.ofNullable(named).orElse(String.valueOf(asked.caller().keyHash())));
        may(asked, old, fields);
        guard(asked, old.document(), fields);
        office.rules().get().checkUpdate(fields);
        String text = keys.text(fields.getString("new_key"));
        change(asked, old, fields);
        JsonObject document = asked.writing().document(old);
        document.put("account", document.getString("account", old.id()));
        document.remove("predecessor");
        former(document, old.id());
        String grace = fields.getString("grace_period");
        Instant end = grace == null || grace.equals("-1")
                ? asked.now()
                : Lifetime.parse(grace).orElseThrow().from(asked.now());
        String hash = Keys.hash(text);
        if (end.isAfter(asked.now())) {
            retire(asked, old, end, hash);
            document.put("predecessor", old.id());
        } else {
            keys.delete(asked, old);
        }
        keys.create(asked, text, document);
        return Asked.show(() -> keys.made(text, hash));
    }

    /** Calls were made under this hash: whoever corrects their cost must know whose they were. */
    private static void former(JsonObject document, String hash) {
        if (!hash.equals(document.getString("account"))) {
            JsonArray former = document.getJsonArray("former", new JsonArray()).copy();
            document.put("former", former.add(hash));
        }
    }

    private void retire(Asked asked, Entry old, Instant end, String successor) throws Refusal {
        JsonObject last = asked.writing().document(old);
        last.put("successor", successor).put("account", last.getString("account", old.id()));
        String expires = old.document().getString("expires");
        if (expires == null || Lifetime.time(expires).isAfter(end)) {
            last.put("expires", Lifetime.iso(end));
        } else {
            last.put("expires", expires);
        }
        asked.writing().update(old, last);
        List<Entry> family = keys.family(old);
        for (Entry older : family.subList(1, family.size())) {
            String over = older.document().getString("expires");
            if (over != null && Lifetime.time(over).isBefore(asked.now())) {
                asked.writing().delete(older);
            }
        }
    }
}
