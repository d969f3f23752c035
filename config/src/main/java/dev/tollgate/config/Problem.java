package dev.tollgate.config;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with, or odd about, the configuration.
 *
 * @param origin where, or null when it has no place in a file
 * @param message what is wrong and what to write instead; never holds a secret
 */
public record Problem(@Nullable Origin origin, String message) {
    /** As somebody goes through the files to mend them; what has no place comes first. */
    public static final Comparator<Problem> BY_PLACE =
            Comparator.comparing(Problem::origin, Comparator.nullsFirst(Origin.IN_READING_ORDER));

    @Override
    public String toString() {
        return origin == null ? message : origin + ": " + message;
    }
}
