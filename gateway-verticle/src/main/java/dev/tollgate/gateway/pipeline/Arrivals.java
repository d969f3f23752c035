package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Snapshot;
import dev.tollgate.gateway.http.Patience;
import dev.tollgate.protocol.Call;
import io.vertx.core.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Calls that come before keys and models are known, as just after a start: they wait for them, and not for long. */
final class Arrivals {
    private final Lane lane;
    private final Patience patience;

    Arrivals(Lane lane) {
        this.lane = lane;
        this.patience = new Patience(lane.node().vertx());
    }

    /** {@code again} has the request once it is known whose key that is, or the request has waited for long enough; unread until then. */
    void awaitKey(Visit visit, BooleanSupplier known, Consumer<Visit> again) {
        visit.paused = true;
        visit.request.pause();
        visit.request.exceptionHandler(_ -> visit.gone = true);
        patience.until(lane.node().patience(), () -> visit.gone || known.getAsBoolean())
                .onSuccess(_ -> {
                    if (visit.gone) {
                        visit.finish();
                    } else {
                        again.accept(visit);
                    }
                });
    }

    /** Whether it is known which model the call means, if any; the store may still bring one of that name. */
    boolean know(Call call) {
        Snapshot config = lane.config();
        return !config.partial() || config.models().resolve(call.envelope().model()) != null;
    }

    /**
     * Completes when it is known, when the call has waited for long enough, or when its client has gone. That is before limits are
     * asked, which go by the model's price.
     */
    Future<Void> awaitModel(Visit visit, Call call) {
        visit.response.closeHandler(_ -> visit.gone = true);
        return patience.until(lane.node().patience(), () -> visit.gone || know(call));
    }
}
