package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * One row of LiteLLM's as it is to be here.
 *
 * @param kind what it is about
 * @param id its id among those
 * @param document its fields, or null: only what was spent is brought
 * @param opening what counts as spent, or null: nothing was in the present period
 */
record Brought(
        Kind kind,
        String id,
        @Nullable JsonObject document,
        @Nullable Opening opening) {

    /** Spend of the present period: {@code nanos} nano-dollars. */
    record Opening(Charge charge, long nanos) {}

    Holder holder() {
        return new Holder(kind, id);
    }
}
