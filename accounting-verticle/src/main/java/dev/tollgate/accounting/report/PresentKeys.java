package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Today's hashes of keys that were regenerated. What a key spent is kept under the hash that it had first, and each row has the one of
 * its time. Made by a look at every key, for one report.
 */
final class PresentKeys implements UnaryOperator<String> {
    private final Map<String, String> present = new HashMap<>();

    PresentKeys(Book book) {
        for (Entry key : book.entries(Kind.KEY)) {
            JsonObject document = key.document();
            if (document.getString("successor") == null && document.getValue("account") instanceof String account) {
                present.put(account, key.id());
                if (document.getValue("former") instanceof JsonArray former) {
                    former.forEach(hash -> present.put(String.valueOf(hash), key.id()));
                }
            }
        }
    }

    @Override
    public String apply(String hash) {
        return present.getOrDefault(hash, hash);
    }
}
