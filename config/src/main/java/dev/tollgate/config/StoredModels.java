package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.List;

/**
 * What the admin API made: models and credentials, in clear.
 *
 * @param models entries as of {@code model_list}, each with its {@code model_info.id}
 * @param credentials entries as of {@code credential_list}
 */
public record StoredModels(List<Entry> models, List<Entry> credentials) {
    /** Nothing. */
    public static final StoredModels NONE = new StoredModels(List.of(), List.of());

    public StoredModels {
        models = List.copyOf(models);
        credentials = List.copyOf(credentials);
    }

    /** Whether the router, too, reads that parameter of a model or credential; all else is for whoever makes the call. */
    public static boolean routing(String parameter) {
        return Unneeded.choosing(parameter);
    }

    /** Whether there is nothing. */
    public boolean isEmpty() {
        return models.isEmpty() && credentials.isEmpty();
    }

    /**
     * One of them.
     *
     * @param id the model's id, or the credential's name
     * @param json its fields as JSON text, as they would stand in a file
     */
    public record Entry(String id, Secret json) {}
}
