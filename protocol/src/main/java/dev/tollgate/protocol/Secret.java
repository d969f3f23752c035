package dev.tollgate.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A key or password. Prints as {@code ***}; the clear text leaves only through {@link #reveal()}, which is easy to search for. */
public final class Secret {
    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    /** Wraps a clear text. */
    public static Secret of(String clearText) {
        return new Secret(clearText);
    }

    /** The clear text, for the one place that sends or hashes it. */
    public String reveal() {
        return value;
    }

    /** Compares in time that does not depend on where the texts differ. */
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(
                value.getBytes(StandardCharsets.UTF_8), candidate.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && matches(secret.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
