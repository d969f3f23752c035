package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Shows keys: {@code /key/info}, {@code /key/list}, {@code /key/aliases}, {@code /key/health}. */
final class KeyLists {
    private static final Form KEYS = Form.empty().and(FieldType.TEXTS, "keys");
    private static final int USUAL_PAGE = 10;

    private final Office office;
    private final Keys keys;

    KeyLists(Office office, Keys keys) {
        this.office = office;
        this.keys = keys;
    }

    Asked.Reply info(Asked asked) throws Refusal {
        String named = asked.parameter("key");
        String key = named != null ? named : asked.caller().keyHash();
        Entry entry = keys.get(key == null ? "" : key);
        if (!asked.rights().seesKey(entry)) {
            throw asked.rights().refused("access this key's info");
        }
        return Asked.show(() ->
                new JsonObject().put("key", key).put("info", office.shown().key(entry)));
    }

    /** {@code /v2/key/info}: several at once; those that the caller may not see are left out. */
    Asked.Reply infos(Asked asked) throws Refusal {
        JsonArray wanted = asked.read(KEYS).getJsonArray("keys", new JsonArray());
        JsonArray infos = new JsonArray();
        for (Object each : wanted) {
            keys.find(String.valueOf(each)).filter(asked.rights()::seesKey).ifPresent(entry -> infos.add(row(entry)));
        }
        return Asked.show(() -> new JsonObject().put("key", wanted).put("info", infos));
    }

    /** With {@code expand=user} each key shows whose it is, and so as a whole. */
    Asked.Reply list(Asked asked) throws Refusal {
        boolean users =
                asked.manage().parameters().getOrDefault("expand", List.of()).contains("user");
        boolean whole = users || asked.flag("return_full_object");
        Asked.Page<Entry> page = asked.page(new KeyChoice(office, asked).keys(), "size", USUAL_PAGE);
        JsonArray shown = new JsonArray();
        for (Entry entry : page.items()) {
            JsonObject row = whole ? row(entry) : null;
            if (row != null && users) {
                row.put("user", user(asked, entry.document().getString("user_id")));
            }
            shown.add(row == null ? entry.id() : row);
        }
        return Asked.show(() -> paged(new JsonObject().put("keys", shown), page));
    }

    /** Of others than themselves, those who see a key see who its user is, and not what they may use. */
    private @Nullable JsonObject user(Asked asked, @Nullable String id) {
        Optional<Entry> user = id == null ? Optional.empty() : office.book().entry(Kind.USER, id);
        if (user.isEmpty()) {
            return null;
        }
        JsonObject row =
                office.shown().user(user.get(), office.teamsOf(user.get().id()));
        if (asked.rights().sees(id)) {
            return row;
        }
        JsonObject part = new JsonObject();
        List.of("user_id", "user_alias", "user_email").forEach(name -> part.put(name, row.getValue(name)));
        return part;
    }

    Asked.Reply aliases(Asked asked) throws Refusal {
        Set<String> names = new TreeSet<>();
        for (Entry entry : new KeyChoice(office, asked).keys()) {
            String alias = entry.document().getString("key_alias");
            if (alias != null) {
                names.add(alias);
            }
        }
        Asked.Page<String> page = asked.page(List.copyOf(names), "size", 50);
        return Asked.show(() -> paged(new JsonObject().put("aliases", new JsonArray(page.items())), page)
                .put("size", page.size()));
    }

    private static JsonObject paged(JsonObject body, Asked.Page<?> page) {
        return body.put("total_count", page.total())
                .put("current_page", page.number())
                .put("total_pages", page.pages());
    }

    private JsonObject row(Entry entry) {
        return new JsonObject().put("token", entry.id()).mergeIn(office.shown().key(entry));
    }

    /** Whether the caller's key works: it does, or it would not have come here. */
    Asked.Reply health(Asked asked) {
        return Asked.show(() -> new JsonObject().put("key", "healthy").put("logging_callbacks", null));
    }
}
