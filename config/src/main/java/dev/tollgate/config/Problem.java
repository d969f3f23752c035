package dev.tollgate.config;

import org.jspecify.annotations.Nullable;

/**
 * Something wrong with, or odd about, the configuration.
 *
 * @param origin where, or null when it has no place in a file
 * @param message what is wrong and what to write instead; never holds a secret
 */
public record Problem(@Nullable Origin origin, String message) {
    @Override
    public String toString() {
        return origin == null ? message : origin + ": " + message;
    }
}
