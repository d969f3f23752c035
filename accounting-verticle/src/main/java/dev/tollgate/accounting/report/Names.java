package dev.tollgate.accounting.report;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
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

    /** Those that the admin API knows. */
    static Names of(Accounts accounts) {
        return new Names() {
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

    private static @Nullable String alias(@Nullable Account account) {
        return account == null ? null : account.alias();
    }
}
