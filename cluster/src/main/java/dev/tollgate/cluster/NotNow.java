package dev.tollgate.cluster;

import io.vertx.core.VertxException;

/** An answer that another node cannot get at this moment, as is usual while nodes come and go. Who asked asks again, or says so itself. */
public final class NotNow extends VertxException {
    private static final long serialVersionUID = 1;

    /** For that reason. */
    public NotNow(String reason) {
        super(reason, true);
    }
}
