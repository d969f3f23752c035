package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Readable names of those who spend. */
public interface Names {
    /** Nobody has one. */
    Names NONE = new Names() {
        @Override
        public @Nullable String key(String hash) {
            return null;
        }

        @Override
        public @Nullable String team(String id) {
            return null;
        }

        @Override
        public @Nullable String user(String id) {
            return null;
        }
    };

    /** Alias of a key, or null. */
    @Nullable String key(String hash);

    /** Alias of a team, or null. */
    @Nullable String team(String id);

    /** Alias of a user, or null. */
    @Nullable String user(String id);

    /** What may be spent in each period, in US dollars, or null: as much as one likes. */
    default @Nullable BigDecimal budget(Holder holder) {
        return null;
    }

    /** Alias of an organization, or null. */
    default @Nullable String organization(String id) {
        return null;
    }

    /** Alias of an end user, or null. */
    default @Nullable String customer(String id) {
        return null;
    }

    /** Which organization calls of a key and a team count for. */
    interface Organizations {
        /** Its id, or null: none. */
        @Nullable String of(String keyHash, String team);
    }

    /** Organizations of keys and teams as they are today. */
    default Organizations organizations() {
        return (_, _) -> null;
    }

    /** Gives today's hash of a key that was regenerated, and others as they are. */
    default UnaryOperator<String> presentKeys() {
        return UnaryOperator.identity();
    }

    /** What else is known of a key or user, in LiteLLM's fields. */
    default JsonObject facts(Holder holder) {
        return new JsonObject();
    }

    /** Whether somebody of that scope may see what all of an organization spent: those who manage it, and who sees everything. */
    default boolean seesOrganization(Query.Scope scope, String organization) {
        return scope.equals(Query.Scope.ALL);
    }

    /** Teams that a user manages, whose spend they may see. */
    default List<String> managedTeams(String user) {
        return List.of();
    }

    /** Those that the admin API knows. {@code most}: what all calls together may cost, in US dollars, or null. */
    static Names of(Book book, Supplier<@Nullable BigDecimal> most) {
        return new BookNames(book, most);
    }
}
