package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Whether an attempt's worst case could be set aside.
 *
 * @param over why not, or null: it is set aside
 */
public record Held(@Nullable Over over) {
    /** It is. */
    public static final Held YES = new Held(null);

    /**
     * A budget has too little left.
     *
     * @param message whose, and how much of it is spent; in LiteLLM's words where it is all spent
     * @param untilMillis when it begins anew, in milliseconds since 1970 UTC, or 0: never
     */
    public record Over(String message, long untilMillis) {}
}
