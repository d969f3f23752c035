package dev.tollgate.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a call may be made: accounting's answer to a {@link Call} at {@link Addresses#ADMIT}. */
public sealed interface Admission {

    /** Headers for the client ({@code x-ratelimit-…}), lower-case names. */
    Map<String, String> headers();

    /**
     * It may. What it may cost is set aside until its {@link Settlement}, or until its id is sent to {@link Addresses#RELEASE}.
     *
     * @param model the model to route to instead of the one named (an alias of the key or its team), or null
     * @param cap most tokens it may generate so that its budget holds, or null: as many as it asks for
     * @param headers headers for the client
     */
    record Granted(@Nullable String model, @Nullable Cap cap, Map<String, String> headers) implements Admission {
        /** With nothing to add. */
        public static final Granted PLAIN = new Granted(null, null, Map.of());
    }

    /**
     * A limit that the gateway writes into the body.
     *
     * @param maxTokens most tokens that each answer may have
     * @param member name of the member for it where the client gave none ({@code max_tokens}, {@code max_completion_tokens})
     */
    record Cap(int maxTokens, String member) {}

    /**
     * It may not.
     *
     * @param failure why, and what to do
     * @param headers headers for the client
     */
    record Refused(Failure failure, Map<String, String> headers) implements Admission {}
}
