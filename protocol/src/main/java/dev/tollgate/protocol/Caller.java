package dev.tollgate.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is calling, as authentication found it.
 *
 * @param keyHash SHA-256 of the key in lower-case hex, or null when the gateway is open
 * @param keyAlias readable name of the key, or null
 * @param userId user that the key belongs to, or null
 * @param teamId team that the key belongs to, or null
 * @param organizationId organization of the key or its team, or null
 * @param role what the caller may do
 * @param models which models the key may use
 * @param routes paths the key may call ({@code allowed_routes}); empty: all that its role may
 * @param tags labels of the key and its team, which all its calls carry
 */
public record Caller(
        @Nullable String keyHash,
        @Nullable String keyAlias,
        @Nullable String userId,
        @Nullable String teamId,
        @Nullable String organizationId,
        UserRole role,
        ModelAccess models,
        List<String> routes,
        List<String> tags) {

    /** Anyone, on a gateway without a master key. */
    public static final Caller ANYONE =
            new Caller(null, null, null, null, null, UserRole.PROXY_ADMIN, ModelAccess.ALL, List.of());

    public Caller {
        routes = List.copyOf(routes);
        tags = List.copyOf(tags);
    }

    /** One without tags. */
    public Caller(
            @Nullable String keyHash,
            @Nullable String keyAlias,
            @Nullable String userId,
            @Nullable String teamId,
            @Nullable String organizationId,
            UserRole role,
            ModelAccess models,
            List<String> routes) {
        this(keyHash, keyAlias, userId, teamId, organizationId, role, models, routes, List.of());
    }

    /** Whoever holds the master key. */
    public static Caller master(String keyHash) {
        return new Caller(keyHash, "master_key", null, null, null, UserRole.PROXY_ADMIN, ModelAccess.ALL, List.of());
    }

    /** A key of its own, with nothing above it. */
    public static Caller ofKey(@Nullable String keyHash, List<String> models) {
        return new Caller(
                keyHash, null, null, null, null, UserRole.INTERNAL_USER, ModelAccess.ofKey(models), List.of());
    }

    /** Whether the caller may change everything. */
    public boolean admin() {
        return role.admin();
    }

    /** Whether nothing of the caller's own can have a limit: on an open gateway, and for the master key, the one admin who is no user. */
    public boolean unlimited() {
        return keyHash == null || admin() && userId == null;
    }
}
