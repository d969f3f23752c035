package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;

/** What an admin request came to. */
public sealed interface Managed {

    /**
     * It was done, or refused in a shape of its own (FastAPI's {@code detail}).
     *
     * @param status HTTP status
     * @param json the body
     */
    record Done(int status, Buffer json) implements Managed {}

    /**
     * It was refused.
     *
     * @param failure why
     */
    record Refused(Failure failure) implements Managed {}
}
