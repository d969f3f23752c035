package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells before an entry is written whether it could be read: one that cannot counts as blocked. */
public final class EntryCheck {
    private final AccountReader reader;

    /** {@code budgets} finds the document of a budget; null: there is none of that id. */
    public EntryCheck(Function<String, @Nullable JsonObject> budgets) {
        this.reader = new AccountReader(budgets);
    }

    /** Why the entry could not be read, or null: it can be. */
    public @Nullable String trouble(Kind kind, String id, JsonObject document) {
        try {
            reader.read(kind, id, document);
            if (kind == Kind.TEAM) {
                AccountReader.members(document);
            }
            return null;
        } catch (Fields.Unreadable e) {
            return e.getMessage();
        } finally {
            reader.forget();
        }
    }
}
