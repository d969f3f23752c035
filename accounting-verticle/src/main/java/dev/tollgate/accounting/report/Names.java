package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
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
    static Names of(Book accounts, Supplier<@Nullable BigDecimal> most) {
        return new Names() {
            @Override
            public @Nullable String organization(String id) {
                return alias(accounts.organization(id));
            }

            @Override
            public @Nullable String customer(String id) {
                return alias(accounts.customer(id));
            }

            @Override
            public Organizations organizations() {
                return new OrganizationsOfToday(accounts, presentKeys());
            }

            @Override
            public UnaryOperator<String> presentKeys() {
                return new PresentKeys(accounts);
            }

            @Override
            public JsonObject facts(Holder holder) {
                return factsOf(account(accounts, holder));
            }

            @Override
            public boolean seesOrganization(Query.Scope scope, String organization) {
                return scope.equals(Query.Scope.ALL)
                        || scope.user() != null
                                && accounts.entry(Kind.ORGANIZATION_MEMBER, organization + '\n' + scope.user())
                                        .filter(place -> "org_admin"
                                                .equals(place.document().getValue("user_role")))
                                        .isPresent();
            }

            @Override
            public @Nullable BigDecimal budget(Holder holder) {
                return holder.equals(Holder.ALL) ? most.get() : budgetOf(account(accounts, holder));
            }

            @Override
            public List<String> managedTeams(String user) {
                return accounts.managedTeams(user);
            }

            @Override
            public @Nullable String key(String hash) {
                return alias(accounts.key(hash));
            }

            @Override
            public @Nullable String team(String id) {
                return alias(accounts.team(id));
            }

            @Override
            public @Nullable String user(String id) {
                return alias(accounts.user(id));
            }
        };
    }

    private static @Nullable Account account(Accounts accounts, Holder holder) {
        return switch (holder.kind()) {
            case KEY -> accounts.key(holder.id());
            case USER -> accounts.user(holder.id());
            case TEAM -> accounts.team(holder.id());
            default -> null;
        };
    }

    private static JsonObject factsOf(@Nullable Account account) {
        return switch (account) {
            case Account.Key key ->
                new JsonObject()
                        .put("user_id", key.user())
                        .put("team_id", key.team())
                        .put("organization_id", key.organization())
                        .put("blocked", key.blocked())
                        .put(
                                "expires",
                                key.expiresMillis() == 0
                                        ? null
                                        : Instant.ofEpochMilli(key.expiresMillis())
                                                .toString());
            case Account.User user ->
                new JsonObject().put("user_role", user.role().wireName());
            case null, default -> new JsonObject();
        };
    }

    private static @Nullable BigDecimal budgetOf(@Nullable Account account) {
        return account == null || account.limits().budgetNanos() == Limits.NONE
                ? null
                : Money.dollars(account.limits().budgetNanos());
    }

    private static @Nullable String alias(@Nullable Account account) {
        return account == null ? null : account.alias();
    }
}
