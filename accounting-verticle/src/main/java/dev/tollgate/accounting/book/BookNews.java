package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.cluster.Letter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What a node tells the others when it has written entries: the entries themselves, so that nobody has to ask the store for them. */
final class BookNews {
    static final String TOPIC = "book";

    private BookNews() {}

    static Letter letter(List<Definition> written) {
        JsonArray entries = new JsonArray();
        for (Definition each : written) {
            entries.add(new JsonObject()
                    .put("kind", each.kind().storedName())
                    .put("id", each.id())
                    .put("version", each.version())
                    .put("document", each.document()));
        }
        return new Letter(TOPIC, new JsonObject().put("entries", entries));
    }

    /** Kinds that only a later release knows are left out, as they are when the store is read. */
    static List<Definition> of(Letter letter) {
        List<Definition> written = new ArrayList<>();
        JsonArray entries = letter.members().getJsonArray("entries", new JsonArray());
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.getJsonObject(i);
            Kind.named(entry.getString("kind", ""))
                    .ifPresent(kind -> written.add(new Definition(
                            kind, entry.getString("id"), entry.getLong("version"), entry.getString("document"))));
        }
        return written;
    }
}
