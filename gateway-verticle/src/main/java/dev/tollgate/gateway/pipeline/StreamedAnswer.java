package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import dev.tollgate.gateway.http.Errors;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Continue;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One answer that is streamed: relayed, carried on elsewhere when it breaks and that is possible, and settled however it ends. */
final class StreamedAnswer implements StreamRelay.Ending {
    private static final Logger LOG = LoggerFactory.getLogger(StreamedAnswer.class);
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final Visit visit;
    private final Lane lane;
    private final Settling settling;
    private final Call call;
    private final @Nullable Continuation continuation;
    private Answer.Route route;
    private double attemptMillis;
    private boolean routerKnows;

    StreamedAnswer(
            Visit visit,
            Lane lane,
            Settling settling,
            Call call,
            Answer.Route route,
            @Nullable Continuation continuation) {
        this.visit = visit;
        this.lane = lane;
        this.settling = settling;
        this.call = call.withoutBody();
        this.route = route;
        this.attemptMillis = visit.elapsedMillis() - route.providerMillis();
        this.continuation = continuation;
    }

    /** Relays a part of the answer, the first or another one. The response's head must have been set. */
    void relay(Answer.Streaming streaming) {
        StreamRelay relay = new StreamRelay(visit, lane.bus(), streaming.stream(), this, continuation);
        if (visit.gone) {
            relay.cancel();
            return;
        }
        visit.response.closeHandler(_ -> {
            visit.gone = true;
            relay.cancel();
        });
        visit.response.exceptionHandler(_ -> relay.cancel());
        relay.start();
    }

    @Override
    public void ended(@Nullable Buffer trailer, Usage usage, @Nullable String upstreamModel) {
        Buffer shown;
        try {
            shown = trailer == null || continuation == null ? trailer : continuation.pass(trailer);
        } catch (RuntimeException e) {
            end(defect(visit, e), usage);
            return;
        }
        over(usage, null);
        settling.settle(visit.settlement(call, route, visit.estimated(usage), upstreamModel, 200, null))
                .onSuccess(_ -> last(shown));
    }

    @Override
    public void broken(Failure failure, Usage usage) {
        Call longer = null;
        try {
            longer = continuation == null || visit.gone ? null : continuation.after(failure, usage);
        } catch (RuntimeException e) {
            defect(visit, e);
        }
        if (longer == null) {
            end(failure, usage);
        } else {
            carryOn(longer, failure, usage);
        }
    }

    /** The client is told, and the log says why. */
    static Failure defect(Visit visit, RuntimeException e) {
        LOG.error("The stream of call {} failed inside the gateway", visit.callId, e);
        return Failure.of(
                FailureKind.INTERNAL, "Internal error; the log has the details under call id " + visit.callId);
    }

    private void carryOn(Call longer, Failure failure, Usage usage) {
        LOG.info("Call {} broke off on {}: {} {}", call.id(), route.deploymentId(), failure.kind(), failure.message());
        routerKnows = true;
        Pipeline.watch(visit, lane);
        lane.bus()
                .<Continue, Answer>ask(Addresses.CONTINUE, new Continue(outcome(usage, failure), longer))
                .onComplete(
                        answer -> {
                            if (answer instanceof Answer.Streaming streaming && streaming.route() != null) {
                                visit.earlier(new Leg(
                                        route.deploymentId(),
                                        route.upstreamModel(),
                                        null,
                                        visit.estimated(usage),
                                        true));
                                route = streaming.route();
                                attemptMillis = visit.elapsedMillis() - route.providerMillis();
                                routerKnows = false;
                                relay(streaming);
                                return;
                            }
                            if (answer instanceof Answer.Refused refused && refused.route() != null) {
                                // What was tried in vain to carry it on may have to be paid.
                                route = route.withSpent(refused.route().spent());
                            }
                            if (visit.gone) {
                                cancelled(usage);
                            } else {
                                end(failure, usage);
                            }
                        },
                        _ -> end(failure, usage));
    }

    private void end(Failure failure, Usage usage) {
        Answering.log(visit, failure);
        over(usage, failure);
        settling.settle(visit.settlement(
                        call, route, visit.estimated(usage), null, Errors.status(failure), failure.kind()))
                .onSuccess(_ -> last(Errors.event(visit.surface, failure)));
    }

    @Override
    public void cancelled(Usage usage) {
        Failure gone = Failure.of(FailureKind.CLIENT_GONE, "");
        Answering.log(visit, gone);
        over(usage, gone);
        settling.settle(visit.settlement(
                call, route, visit.estimated(usage), null, CLIENT_CLOSED_REQUEST, FailureKind.CLIENT_GONE));
        // After the settlement was made: a call that is over without one is released.
        visit.finish();
    }

    /** Tells the router, to whom the attempt is still under way. */
    private void over(Usage usage, @Nullable Failure failure) {
        if (!routerKnows) {
            lane.bus().send(Addresses.onLane(Addresses.STREAM_OVER, lane.number()), outcome(usage, failure));
        }
    }

    /** The provider answers when its first content is there, so that is when the router had its answer. */
    private StreamOutcome outcome(Usage usage, @Nullable Failure failure) {
        return new StreamOutcome(
                call.id(),
                route.modelGroup(),
                route.deploymentId(),
                usage,
                visit.firstTokenMillis < 0 ? -1 : route.providerMillis(),
                visit.elapsedMillis() - attemptMillis,
                call.envelope().overrides().ownTimeout(),
                route.onlyOne(),
                failure);
    }

    private void last(@Nullable Buffer trailer) {
        if (!visit.finish() || visit.gone) {
            return;
        }
        if (trailer == null) {
            visit.response.end();
        } else {
            visit.response.end(trailer);
        }
    }
}
