package dev.tollgate.provider.wire;

import dev.tollgate.provider.chat.ChatEvent;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes one streamed answer for a client, as server-sent events. */
public interface StreamEncoder {

    /** The bytes for these events, or null when they say nothing to the client. Never sends the closing event. */
    @Nullable Buffer encode(List<ChatEvent> events);

    /** The closing bytes ({@code data: [DONE]}, {@code message_stop}), sent once the call is settled. */
    Buffer finish();
}
