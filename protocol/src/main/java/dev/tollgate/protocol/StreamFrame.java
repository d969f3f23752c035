package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** From a stream's provider end to the gateway. Frames carry ascending sequence numbers from 0; the last is never a {@link Chunk}. */
public sealed interface StreamFrame {

    /** Position in the stream. */
    long sequence();

    /**
     * Bytes for the client, in its own API's event-stream shape.
     *
     * @param sequence position
     * @param bytes one or more whole events
     */
    record Chunk(long sequence, Buffer bytes) implements StreamFrame {}

    /**
     * The upstream finished well.
     *
     * @param sequence position
     * @param trailer bytes held back until the call is settled ({@code data: [DONE]}, {@code message_stop}), or null
     * @param usage tokens used
     * @param upstreamModel model name that the provider says it used, or null
     */
    record End(
            long sequence,
            @Nullable Buffer trailer,
            Usage usage,
            @Nullable String upstreamModel) implements StreamFrame {}

    /**
     * The upstream broke off, stalled, or sent an error.
     *
     * @param sequence position
     * @param failure why
     * @param usage what was used so far, as far as known
     */
    record Broken(long sequence, Failure failure, Usage usage) implements StreamFrame {}

    /**
     * The gateway cancelled; the upstream connection is closed.
     *
     * @param sequence position
     * @param usage what was used so far, as far as known
     */
    record Cancelled(long sequence, Usage usage) implements StreamFrame {}
}
