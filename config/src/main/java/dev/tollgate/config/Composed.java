package dev.tollgate.config;

import java.util.List;

/**
 * A configuration with the models of the admin API in it.
 *
 * @param snapshot the configuration
 * @param leftOut entries with a mistake, which are not in it and keep nothing else out of it
 */
public record Composed(Snapshot snapshot, List<LeftOut> leftOut) {
    public Composed {
        leftOut = List.copyOf(leftOut);
    }

    /**
     * An entry that is not in force.
     *
     * @param what {@code model} or {@code credential}
     * @param id the model's id, or the credential's name
     * @param problems what is wrong with it, at least one thing; each with the entry as its place
     */
    public record LeftOut(String what, String id, List<Problem> problems) {
        public LeftOut {
            problems = List.copyOf(problems);
        }
    }
}
