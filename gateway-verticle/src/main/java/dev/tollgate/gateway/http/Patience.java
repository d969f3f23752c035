package dev.tollgate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** How requests wait for what is still being loaded, as keys and models are just after a start: looking again now and then. */
public final class Patience {
    private static final long EVERY_MILLIS = 50;

    private final Vertx vertx;

    /** Waits on the event loop of whoever asks. */
    public Patience(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Completes when it is over, or when that time is; at once where there is nothing to wait for. */
    public Future<Void> until(Duration longest, BooleanSupplier over) {
        Promise<Void> done = Promise.promise();
        look(done, over, System.nanoTime() + longest.toNanos());
        return done.future();
    }

    private void look(Promise<Void> done, BooleanSupplier over, long untilNanos) {
        if (over.getAsBoolean() || System.nanoTime() - untilNanos >= 0) {
            done.complete();
        } else {
            vertx.setTimer(EVERY_MILLIS, _ -> look(done, over, untilNanos));
        }
    }
}
