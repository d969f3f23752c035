package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Call;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Calls that name a model which nobody knows while the store may still bring it, as just after a start: they wait, looking again now
 * and then, and not for long. That is before limits are asked, which go by the model's price.
 */
final class Arrivals {
    private static final long EVERY_MILLIS = 50;

    private final Lane lane;

    Arrivals(Lane lane) {
        this.lane = lane;
    }

    /** Whether it is known which model the call means, if any. */
    boolean know(Call call) {
        Snapshot config = lane.config();
        return !config.partial() || config.models().resolve(call.envelope().model()) != null;
    }

    /** Completes when it is known, when the call has waited for long enough, or when its client has gone. */
    Future<Void> await(Visit visit, Call call) {
        visit.response.closeHandler(_ -> visit.gone = true);
        Promise<Void> over = Promise.promise();
        look(visit, call, over, System.nanoTime() + lane.node().patience().toNanos());
        return over.future();
    }

    private void look(Visit visit, Call call, Promise<Void> over, long untilNanos) {
        lane.node().vertx().setTimer(EVERY_MILLIS, _ -> {
            if (visit.gone || know(call) || System.nanoTime() - untilNanos >= 0) {
                over.complete();
            } else {
                look(visit, call, over, untilNanos);
            }
        });
    }
}
