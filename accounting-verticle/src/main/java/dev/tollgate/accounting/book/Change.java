package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * One entry to be written.
 *
 * @param kind what it is about
 * @param id its id among those
 * @param basedOn version of the entry that is changed, or 0: there is none yet
 * @param document the new fields, or null: the entry is deleted
 */
public record Change(
        Kind kind, String id, long basedOn, @Nullable JsonObject document) {
    /** A new entry. */
    public static Change create(Kind kind, String id, JsonObject document) {
        return new Change(kind, id, 0, document);
    }

    /** Other fields for an entry. */
    public static Change update(Entry entry, JsonObject document) {
        return new Change(entry.kind(), entry.id(), entry.version(), document);
    }

    /** An entry's end. */
    public static Change delete(Entry entry) {
        return new Change(entry.kind(), entry.id(), entry.version(), null);
    }
}
