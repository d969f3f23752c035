package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import org.jspecify.annotations.Nullable;

/**
 * What is said about models that the admin API makes.
 *
 * @param saltKey {@code LITELLM_SALT_KEY}: what they are encrypted with, or null: with the master key
 * @param inStore {@code store_model_in_db}; null when nothing is said
 * @param usable whether this node asks its store for them: one that only talks to providers has none, and is told of them
 */
public record StoringSettings(
        @Nullable Secret saltKey, @Nullable Boolean inStore, boolean usable) {
    /** Nothing is said. */
    public static final StoringSettings DEFAULT = new StoringSettings(null, null, true);

    /** Whether there may be such models: unless that is switched off, or this node has no store. */
    public boolean accepted() {
        return usable && !Boolean.FALSE.equals(inStore);
    }

    /** Whether names in the file may lead to such models, which are not known when it is read. */
    public boolean expected() {
        return Boolean.TRUE.equals(inStore);
    }

    /** Reads them; {@code general} is {@code general_settings}. */
    static StoringSettings read(Section general, Environment environment) {
        String salt = environment.get("LITELLM_SALT_KEY");
        Boolean inStore = general.flag("store_model_in_db");
        return new StoringSettings(
                salt == null ? null : Secret.of(salt),
                inStore != null ? inStore : flag(environment.get("STORE_MODEL_IN_DB")),
                true);
    }

    /** The same on a node of these roles. */
    StoringSettings on(Roles roles) {
        return new StoringSettings(saltKey, inStore, roles != Roles.PROVIDER);
    }

    private static @Nullable Boolean flag(@Nullable String text) {
        return text == null
                ? null
                : (Boolean)
                        (text.strip().equalsIgnoreCase("true") || text.strip().equals("1"));
    }
}
