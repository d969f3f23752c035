package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
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

    Asked.Reply list(Asked asked) throws Refusal {
        boolean whole = asked.flag("return_full_object");
        Asked.Page<Entry> page = asked.page(seen(asked), "size", USUAL_PAGE);
        JsonArray shown = new JsonArray();
        page.items().forEach(entry -> shown.add(whole ? row(entry) : entry.id()));
        return Asked.show(() -> paged(new JsonObject().put("keys", shown), page));
    }

    Asked.Reply aliases(Asked asked) throws Refusal {
        Set<String> names = new TreeSet<>();
        for (Entry entry : seen(asked)) {
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

    /** Old texts of a key in their grace period are no keys of their own. */
    private List<Entry> seen(Asked asked) throws Refusal {
        String user = asked.parameter("user_id");
        if (user != null && !asked.rights().sees(user) && asked.parameter("team_id") == null) {
            throw asked.rights().refused("list the keys of user_id=" + user);
        }
        String hash = asked.parameter("key_hash");
        List<Entry> found =
                office.where(Kind.KEY, document -> document.getString("successor") == null && wanted(asked, document));
        found.removeIf(entry -> hash != null && !hash.equals(entry.id())
                || !asked.rights().seesKey(entry)
                || hiddenTeamKey(asked, entry.document()));
        return found;
    }

    /** Keys of a team that the caller manages are listed when they are asked for, as in LiteLLM. */
    private static boolean hiddenTeamKey(Asked asked, JsonObject document) {
        return !asked.rights().seesAll()
                && !asked.rights().self(document.getString("user_id"))
                && asked.parameter("team_id") == null
                && !asked.flag("include_team_keys");
    }

    private static boolean wanted(Asked asked, JsonObject document) {
        boolean part = asked.flag("substring_matching");
        return matches(asked, document, "user_id", false)
                && matches(asked, document, "team_id", false)
                && matches(asked, document, "organization_id", false)
                && matches(asked, document, "key_alias", part)
                && (asked.parameter("search") == null
                        || contains(document.getString("key_alias"), asked.parameter("search"))
                        || contains(document.getString("user_id"), asked.parameter("search")));
    }

    private static boolean matches(Asked asked, JsonObject document, String name, boolean part) {
        String wanted = asked.parameter(name);
        String has = document.getString(name);
        return wanted == null || (part ? contains(has, wanted) : wanted.equals(has));
    }

    private static boolean contains(@Nullable String text, @Nullable String part) {
        return text != null && part != null && text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    /** Whether the caller's key works: it does, or it would not have come here. */
    Asked.Reply health(Asked asked) {
        return Asked.show(() -> new JsonObject().put("key", "healthy").put("logging_callbacks", null));
    }
}
