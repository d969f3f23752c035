package dev.tollgate.provider.wire;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Passes a provider's answer to a client who speaks the same format: bytes as they came, but for the model name, while reading
 * usage on the way.
 */
public interface Passage {

    /** What {@link #whole} found. */
    record Whole(Buffer body, Usage usage, @Nullable String upstreamModel) {}

    /**
     * A whole answer.
     *
     * @param body as the provider sent it
     * @param requestedModel name to show instead of the provider's
     * @throws BadPayload when it is not JSON
     */
    Whole whole(Buffer body, String requestedModel);

    /**
     * A streamed answer.
     *
     * @param requestedModel name to show
     * @param showUsage whether the client asked for the usage event; if not it is read and left out
     */
    Stream stream(String requestedModel, boolean showUsage);

    /** One streamed answer on its way. */
    interface Stream {

        /** Takes the next bytes, cut anywhere; returns whole events for the client, or null when there are none yet. */
        @Nullable Buffer feed(Buffer bytes);

        /**
         * Whether anything was fed that belongs to an answer: text, reasoning, a tool call, or an end. A greeting (a role, {@code
         * message_start}, {@code ping}, an empty block) does not: an upstream that fails after it has answered nothing yet.
         */
        boolean begun();

        /** The upstream has closed: what only lacks its last empty line counts now. */
        default void closed() {}

        /** Whether the provider's closing event was seen. Asked at any time, also between two pieces of an event. */
        boolean complete();

        /** Bytes held back for after settlement: the closing event. */
        @Nullable Buffer trailer();

        /** Tokens read so far. */
        Usage usage();

        /** Tokens generated so far, about, by what went through: for streams that end before the provider says it. */
        long generated();

        /** Model name that the provider used, or null when not seen. */
        @Nullable String upstreamModel();

        /** An error event of the provider inside the stream, or null. */
        @Nullable Failure failure();
    }
}
