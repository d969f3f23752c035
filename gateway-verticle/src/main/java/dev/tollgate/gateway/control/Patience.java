package dev.tollgate.gateway.control;

import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Requests that come while keys and models are still being loaded, as just after a start: they wait unread, looking again now and then,
 * and not for long.
 */
final class Patience {
    private static final long EVERY_MILLIS = 50;

    private final Vertx vertx;

    Patience(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Goes on as soon as it is known, or when the request has waited for long enough. */
    void until(RoutingContext context, Duration longest, BooleanSupplier known, Runnable goOn) {
        if (known.getAsBoolean() || longest.isZero()) {
            goOn.run();
        } else {
            context.request().pause();
            look(context, known, goOn, System.nanoTime() + longest.toNanos());
        }
    }

    private void look(RoutingContext context, BooleanSupplier known, Runnable goOn, long untilNanos) {
        vertx.setTimer(EVERY_MILLIS, _ -> {
            if (context.response().closed()) {
                return;
            }
            if (known.getAsBoolean() || System.nanoTime() - untilNanos >= 0) {
                goOn(context, goOn);
            } else {
                look(context, known, goOn, untilNanos);
            }
        });
    }

    /** Reading begins after somebody listens, or what was there already would be lost. */
    private static void goOn(RoutingContext context, Runnable goOn) {
        try {
            goOn.run();
            context.request().resume();
        } catch (RuntimeException e) {
            context.request().resume();
            context.fail(e);
        }
    }
}
