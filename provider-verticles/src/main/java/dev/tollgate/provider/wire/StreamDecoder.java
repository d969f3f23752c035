package dev.tollgate.provider.wire;

import dev.tollgate.provider.chat.ChatEvent;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Reads one streamed answer of a provider; holds what a chunk boundary cut in half. */
public interface StreamDecoder {

    /**
     * Takes the next bytes, cut anywhere, and returns the events they complete, perhaps none.
     *
     * @throws BadPayload when they make no sense
     */
    List<ChatEvent> feed(Buffer bytes);

    /** The upstream closed: whether it had said that it was done. */
    boolean complete();
}
