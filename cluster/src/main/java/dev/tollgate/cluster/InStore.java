package dev.tollgate.cluster;

import dev.tollgate.config.StoredModels;
import java.util.List;

/**
 * What a room found in its store beside a gateway.
 *
 * @param stored what the admin API made, as far as it could be opened
 * @param troubles what could not, and why; a line each
 */
public record InStore(StoredModels stored, List<String> troubles) {
    /** There is nothing. */
    public static final InStore NOTHING = new InStore(StoredModels.NONE, List.of());

    public InStore {
        troubles = List.copyOf(troubles);
    }

    /** Whether there is anything cannot be said. */
    public static InStore unknown(String why) {
        return new InStore(StoredModels.NONE, List.of("everything; the store cannot be read: " + why));
    }
}
