package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which organization calls count for: that of their key, else of their team, as both are today. Rows have the hash that a key had at the
 * time, so those of keys that were regenerated are looked up first, which takes a look at every key.
 */
final class OrganizationsOfToday implements Names.Organizations {
    private final Accounts accounts;

    /** Present hashes, by those of before. */
    private final Map<String, String> regenerated = new HashMap<>();

    OrganizationsOfToday(Book book) {
        this.accounts = book;
        for (Entry key : book.entries(Kind.KEY)) {
            if (key.document().getValue("former") instanceof JsonArray former) {
                former.forEach(hash -> regenerated.put(String.valueOf(hash), key.id()));
            }
        }
    }

    @Override
    public @Nullable String of(String keyHash, String team) {
        Account.Key present = accounts.key(keyHash);
        Account.Key key = present == null ? accounts.key(regenerated.getOrDefault(keyHash, "")) : present;
        if (key != null && key.organization() != null) {
            return key.organization();
        }
        Account.Team its = accounts.team(team);
        return its == null ? null : its.organization();
    }
}
