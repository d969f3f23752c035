package dev.tollgate.protocol;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a caller may do besides calling models; LiteLLM's {@code user_role}. */
public enum UserRole {
    /** Everything: the master key, or a user of role {@code proxy_admin}. */
    PROXY_ADMIN,
    /** Sees everything and changes nothing. */
    PROXY_ADMIN_VIEWER,
    /** Manages the keys of one's own and the teams one is an admin of. */
    INTERNAL_USER,
    /** Sees what is one's own. */
    INTERNAL_USER_VIEWER,
    /** A key of a team that belongs to no user. */
    TEAM,
    /** An end user; only calls models. */
    CUSTOMER;

    private static final Map<String, UserRole> OLDER =
            Map.of("app_owner", INTERNAL_USER, "app_user", INTERNAL_USER_VIEWER, "app_admin", PROXY_ADMIN);

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that name. */
    public static Optional<UserRole> named(String name) {
        for (UserRole role : values()) {
            if (role.wireName().equals(name)) {
                return Optional.of(role);
            }
        }
        return Optional.ofNullable(OLDER.get(name));
    }

    /** Whether it may change everything. */
    public boolean admin() {
        return this == PROXY_ADMIN;
    }

    /** Whether it may see everything. */
    public boolean seesAll() {
        return this == PROXY_ADMIN || this == PROXY_ADMIN_VIEWER;
    }
}
