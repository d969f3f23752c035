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
     * @param region the only region that the call may stay in, because its end user's account says so, or null
     */
    record Granted(
            @Nullable String model,
            @Nullable Cap cap,
            Map<String, String> headers,
            @Nullable String region) implements Admission {
        /** With nothing to add. */
        public static final Granted PLAIN = new Granted(null, null, Map.of());

        /** In any region. */
        public Granted(@Nullable String model, @Nullable Cap cap, Map<String, String> headers) {
            this(model, cap, headers, null);
        }

        /** The same for a call that must stay in a region; null: it need not. */
        public Granted within(@Nullable String only) {
            return only == null ? this : new Granted(model, cap, headers, only);
        }
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
