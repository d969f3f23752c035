package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Whether an attempt's worst case could be set aside.
 *
 * @param over why not, or null: it is set aside
 * @param cap most tokens that the attempt may generate for that, or null: as many as the call asks for
 */
public record Held(@Nullable Over over, Admission.@Nullable Cap cap) {
    /** It is. */
    public static final Held YES = new Held(null, null);

    /** It is not. */
    public static Held over(Over why) {
        return new Held(why, null);
    }

    /** Both: where one says no it is no, and of two caps the smaller holds. */
    public Held and(Held other) {
        if (over != null || other.over != null) {
            return over != null ? this : other;
        }
        return cap == null || (other.cap != null && other.cap.maxTokens() < cap.maxTokens()) ? other : this;
    }

    /**
     * A budget has too little left.
     *
     * @param message whose, and how much of it is spent; in LiteLLM's words where it is all spent
     * @param untilMillis when it begins anew, in milliseconds since 1970 UTC, or 0: never
     * @param unknown whether nobody knows what was spent, of this budget or of any
     */
    public record Over(String message, long untilMillis, boolean unknown) {
        /** It is known. */
        public Over(String message, long untilMillis) {
            this(message, untilMillis, false);
        }
    }
}
