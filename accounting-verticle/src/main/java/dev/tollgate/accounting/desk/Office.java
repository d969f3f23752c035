package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all desks work with.
 *
 * @param book the entries
 * @param shown how they are shown
 * @param balances what was spent
 * @param rules what the configuration says
 */
record Office(Book book, Shown shown, Balances balances, Supplier<KeyRules> rules) {
    private static final Comparator<Entry> NEWEST_FIRST = Comparator.comparing(
                    (Entry entry) -> entry.document().getString("created_at", ""))
            .reversed()
            .thenComparing(Entry::id);

    /** Entries of a kind that are as asked for, newest first. */
    List<Entry> where(Kind kind, Predicate<JsonObject> wanted) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : book.entries(kind)) {
            if (wanted.test(entry.document())) {
                found.add(entry);
            }
        }
        found.sort(NEWEST_FIRST);
        return found;
    }

    Entry team(String id) throws Refusal {
        return book.entry(Kind.TEAM, id).orElseThrow(() -> Refusal.missing("Team not found, passed team_id=" + id));
    }

    Entry organization(String id) throws Refusal {
        return book.entry(Kind.ORGANIZATION, id)
                .orElseThrow(() -> Refusal.missing("Organization not found, passed organization_id=" + id));
    }

    /** The document of an entry as it is now. */
    JsonObject document(Kind kind, String id) {
        return book.entry(kind, id).map(Entry::document).orElseGet(JsonObject::new);
    }

    /** Makes the user if there is none of that id: keys and teams may name people that nobody made before. */
    void greet(Asked asked, String user, JsonObject fields) {
        if (book.entry(Kind.USER, user).isEmpty() && !asked.writing().creates(Kind.USER, user)) {
            JsonObject document = LimitFields.document(KeyRules.with(rules.get().user(), fields));
            document.put("user_id", user).put("user_role", document.getString("user_role", "internal_user"));
            asked.writing().create(Kind.USER, user, asked.born(document));
        }
    }

    /** Ids of the teams that a user is in. */
    List<String> teamsOf(String user) {
        return where(Kind.TEAM, document -> Members.role(document, user) != null).stream()
                .map(Entry::id)
                .toList();
    }

    /** The user of an e-mail address, or null. */
    @Nullable String userOf(String email) {
        for (Entry user : book.entries(Kind.USER)) {
            if (email.equalsIgnoreCase(user.document().getString("user_email"))) {
                return user.id();
            }
        }
        return null;
    }
}
