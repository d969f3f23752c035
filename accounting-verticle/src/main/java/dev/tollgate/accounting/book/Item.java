package dev.tollgate.accounting.book;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One entry in memory.
 *
 * @param shorter its fields as JSON text, in {@link Shorthand}
 * @param account what was made of it, or null: nobody spends by it
 * @param budgets ids of the budgets that its limits come from
 * @param trouble why its document cannot be read, or null
 */
record Item(
        long version,
        byte[] shorter,
        @Nullable Account account,
        Set<String> budgets,
        @Nullable String trouble) {

    /** Its fields as JSON text; {@code id} is the entry's. */
    byte[] document(String id) {
        return Shorthand.full(shorter, id);
    }

    JsonObject json(String id) {
        return new JsonObject(Buffer.buffer(document(id)));
    }

    Entry entry(Kind kind, String id) {
        return new Entry(kind, id, version, json(id));
    }
}
