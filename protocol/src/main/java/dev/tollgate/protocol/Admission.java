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
     * @param maxTokens most tokens it may generate so that its budget holds, or 0: as many as it asks for
     * @param headers headers for the client
     */
    record Granted(@Nullable String model, int maxTokens, Map<String, String> headers) implements Admission {
        /** With nothing to add. */
        public static final Granted PLAIN = new Granted(null, 0, Map.of());
    }

    /**
     * It may not.
     *
     * @param failure why, and what to do
     * @param headers headers for the client
     */
    record Refused(Failure failure, Map<String, String> headers) implements Admission {}
}
