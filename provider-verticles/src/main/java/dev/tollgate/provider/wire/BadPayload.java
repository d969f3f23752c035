package dev.tollgate.provider.wire;

import org.jspecify.annotations.Nullable;

/**
 * A body that cannot be read or translated. From a client's body it becomes a 400 naming the parameter; from an upstream's, an
 * upstream error. It carries no stack: it is an answer, not a defect.
 */
public final class BadPayload extends RuntimeException {
    private final @Nullable String param;

    /** What is wrong, for people. */
    public BadPayload(String message) {
        this(message, null);
    }

    /** What is wrong and with which parameter ({@code messages[2].content}). */
    public BadPayload(String message, @Nullable String param) {
        super(message, null, false, false);
        this.param = param;
    }

    /** The offending parameter, or null. */
    public @Nullable String param() {
        return param;
    }
}
