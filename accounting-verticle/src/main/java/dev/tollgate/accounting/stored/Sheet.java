package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Entries as they travel between nodes, sealed as they are stored; and the topics that these letters are about. */
final class Sheet {
    /** To a node that talks to providers: open or seal this. */
    static final String KEYHOLDER = "models.keyholder";

    /** To a node that asks for calls: which models do you have? */
    static final String ENTRIES = "models.entries";

    static final String WHAT = "what";
    static final String VIEW = "view";
    static final String SEAL = "seal";
    static final String LIST = "entries";
    static final String STAMP = "stamp";
    private static final String VERSION = "version";

    static final String DOCUMENT = "document";
    static final String PART = "part";
    static final String TROUBLE = "trouble";

    private Sheet() {}

    static JsonArray of(Collection<Entry> entries) {
        JsonArray all = new JsonArray();
        entries.forEach(
                entry -> all.add(of(entry.kind(), entry.id(), entry.document()).put(VERSION, entry.version())));
        return all;
    }

    static JsonObject of(Kind kind, String id, JsonObject document) {
        return new JsonObject().put("kind", kind.storedName()).put("id", id).put(DOCUMENT, document);
    }

    /** Those of kinds that this release knows; a version of 0 was not said. */
    static List<Entry> entries(JsonArray all) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            JsonObject each = all.getJsonObject(i);
            Kind.named(each.getString("kind", ""))
                    .ifPresent(kind -> entries.add(new Entry(
                            kind, each.getString("id"), each.getLong(VERSION, 0L), each.getJsonObject(DOCUMENT))));
        }
        return entries;
    }
}
