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
 * @param admin whether the caller holds the master key (or the gateway is open)
 * @param models model names the key may use; empty: all
 */
public record Caller(
        @Nullable String keyHash,
        @Nullable String keyAlias,
        @Nullable String userId,
        @Nullable String teamId,
        boolean admin,
        List<String> models) {

    /** Anyone, on a gateway without a master key. */
    public static final Caller ANYONE = new Caller(null, null, null, null, true, List.of());

    public Caller {
        models = List.copyOf(models);
    }
}
