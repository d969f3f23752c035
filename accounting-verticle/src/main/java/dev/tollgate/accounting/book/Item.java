package dev.tollgate.accounting.book;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One entry in memory.
 *
 * @param document its fields as JSON text
 * @param account what was made of it, or null: nobody spends by it
 * @param budgets ids of the budgets that its limits come from
 * @param trouble why its document cannot be read, or null
 */
record Item(
        long version,
        byte[] document,
        @Nullable Account account,
        Set<String> budgets,
        @Nullable String trouble) {

    JsonObject json() {
        return new JsonObject(Buffer.buffer(document));
    }

    Entry entry(Kind kind, String id) {
        return new Entry(kind, id, version, json());
    }
}
