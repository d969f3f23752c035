package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Account;
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

/** Names of those that the admin API knows, and what else it knows of them. */
final class BookNames implements Names {
    private final Book book;
    private final Supplier<@Nullable BigDecimal> most;

    BookNames(Book book, Supplier<@Nullable BigDecimal> most) {
        this.book = book;
        this.most = most;
    }

    @Override
    public @Nullable String organization(String id) {
        return alias(book.organization(id));
    }

    @Override
    public @Nullable String customer(String id) {
        return alias(book.customer(id));
    }

    @Override
    public Organizations organizations() {
        return new OrganizationsOfToday(book, presentKeys());
    }

    @Override
    public UnaryOperator<String> presentKeys() {
        return new PresentKeys(book);
    }

    @Override
    public JsonObject facts(Holder holder) {
        return factsOf(account(holder));
    }

    @Override
    public boolean seesOrganization(Query.Scope scope, String organization) {
        return scope.equals(Query.Scope.ALL)
                || scope.user() != null
                        && book.entry(Kind.ORGANIZATION_MEMBER, organization + '\n' + scope.user())
                                .filter(place ->
                                        "org_admin".equals(place.document().getValue("user_role")))
                                .isPresent();
    }

    @Override
    public @Nullable BigDecimal budget(Holder holder) {
        if (!holder.equals(Holder.ALL)) {
            return budgetOf(account(holder));
        }
        BigDecimal all = most.get();
        return all == null ? null : Money.shown(all);
    }

    @Override
    public List<String> managedTeams(String user) {
        return book.managedTeams(user);
    }

    @Override
    public @Nullable String key(String hash) {
        return alias(book.key(hash));
    }

    @Override
    public @Nullable String team(String id) {
        return alias(book.team(id));
    }

    @Override
    public @Nullable String user(String id) {
        return alias(book.user(id));
    }

    private @Nullable Account account(Holder holder) {
        return switch (holder.kind()) {
            case KEY -> book.key(holder.id());
            case USER -> book.user(holder.id());
            case TEAM -> book.team(holder.id());
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
