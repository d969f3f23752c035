package dev.tollgate.protocol;

/** From the gateway to a stream's provider end. */
public sealed interface StreamCommand {

    /**
     * Leave to send so many more chunks.
     *
     * @param chunks credit to add
     */
    record Grant(int chunks) implements StreamCommand {}

    /** Nobody reads any more: close the upstream connection now, then end with {@link StreamFrame.Cancelled}. */
    record Cancel() implements StreamCommand {}
}
