package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Which organization calls count for: that of their key, else of their team, as both are today. */
final class OrganizationsOfToday implements Names.Organizations {
    private final Accounts accounts;

    private final UnaryOperator<String> present;

    OrganizationsOfToday(Accounts accounts, UnaryOperator<String> present) {
        this.accounts = accounts;
        this.present = present;
    }

    @Override
    public @Nullable String of(String keyHash, String team) {
        Account.Key key = accounts.key(present.apply(keyHash));
        if (key != null && key.organization() != null) {
            return key.organization();
        }
        Account.Team its = accounts.team(team);
        return its == null ? null : its.organization();
    }
}
