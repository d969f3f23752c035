package dev.tollgate.gateway.surface;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A body in memory, with its share of the lane's budget if it is large. */
public final class ReceivedBody {
    private final Buffer bytes;
    private final BodyBudget.@Nullable Ticket ticket;

    ReceivedBody(Buffer bytes, BodyBudget.@Nullable Ticket ticket) {
        this.bytes = bytes;
        this.ticket = ticket;
    }

    /** The body as it came. */
    public Buffer bytes() {
        return bytes;
    }

    /** Nobody holds the bytes any more: makes room for others. Again does nothing. */
    public void release() {
        if (ticket != null) {
            ticket.release();
        }
    }
}
