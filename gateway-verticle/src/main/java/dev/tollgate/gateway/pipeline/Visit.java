package dev.tollgate.gateway.pipeline;

import dev.tollgate.gateway.surface.ModelRoutes;
import dev.tollgate.gateway.surface.ReceivedBody;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request on its way through the pipeline: what is known of it so far. Lives on one event loop. */
final class Visit {
    final HttpServerRequest request;
    final HttpServerResponse response;
    final Surface surface;
    final ModelRoutes.Route route;
    final String callId;
    final long startedNanos = System.nanoTime();
    final long startedAtMillis;
    Caller caller = Caller.ANYONE;

    @Nullable ReceivedBody received;

    @Nullable Call call;
    /** The client closed its connection before it had its answer. */
    boolean gone;

    /** It is only to be told how it would be routed. */
    boolean explained;

    /** It had to wait until keys were known, unread. */
    boolean paused;

    double firstTokenMillis = -1;

    /** Something is set aside for the call until it is settled. */
    boolean admitted;

    /** Its settlement is made. */
    boolean settled;

    /** What the client is told of its limits. */
    Map<String, String> limits = Map.of();

    /** Size of the body in bytes. */
    long promptBytes;

    /** Parts of the answer before the present one. */
    private List<Leg> earlier = List.of();

    private final Promise<Void> over = Promise.promise();

    Visit(HttpServerRequest request, ModelRoutes.Route route, String callId, long nowMillis) {
        this.request = request;
        this.response = request.response();
        this.surface = route.surface();
        this.route = route;
        this.callId = callId;
        this.startedAtMillis = nowMillis;
    }

    /** Claims the right to end the response; false when it was ended before. Nothing of the request is needed any more then. */
    boolean finish() {
        return over.tryComplete();
    }

    /** Whether the response has been ended, or it is known that nobody wants it. */
    boolean over() {
        return over.future().isComplete();
    }

    /** Completes with {@link #finish}. */
    Future<Void> whenOver() {
        return over.future();
    }

    /** What an answer that was cut off is billed by where the provider did not say. */
    Usage estimated(Usage known) {
        return known.orPrompt(Usage.estimated(promptBytes).prompt());
    }

    /** The body is not needed any more: no attempt will follow. */
    void dropBody() {
        if (received != null) {
            received.release();
            received = null;
        }
        if (call != null) {
            call = call.withoutBody();
        }
    }

    /** Another part of the answer begins; this one was before. */
    void earlier(Leg leg) {
        List<Leg> all = new ArrayList<>(earlier);
        all.add(leg);
        earlier = List.copyOf(all);
    }

    /** Milliseconds since the request's head arrived. */
    double elapsedMillis() {
        return (System.nanoTime() - startedNanos) / 1e6;
    }

    /** What accounting needs to know now that the call is over. Made once. */
    Settlement settlement(
            Call made,
            Answer.Route routed,
            Usage usage,
            @Nullable String upstreamModel,
            int status,
            @Nullable FailureKind failure) {
        settled = true;
        return new Settlement(
                callId,
                surface,
                caller,
                made.envelope().user(),
                made.envelope().tags(),
                made.envelope().model(),
                upstreamModel,
                routed,
                usage,
                made.envelope().stream(),
                startedAtMillis,
                elapsedMillis(),
                firstTokenMillis,
                status,
                failure,
                parts(routed.spent()));
    }

    private List<Leg> parts(List<Leg> spent) {
        if (spent.isEmpty()) {
            return earlier;
        }
        List<Leg> all = new ArrayList<>(earlier);
        all.addAll(spent);
        return all;
    }
}
