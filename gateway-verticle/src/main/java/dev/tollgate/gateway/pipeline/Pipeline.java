package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.gateway.auth.Authenticator;
import dev.tollgate.gateway.auth.RouteAccess;
import dev.tollgate.gateway.http.Headers;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.gateway.surface.BodyReader;
import dev.tollgate.gateway.surface.BodyScan;
import dev.tollgate.gateway.surface.ModelRoutes;
import dev.tollgate.gateway.surface.ReceivedBody;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Capping;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Surface;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way of every call to a model, whatever its surface: authenticate, receive, scan, admit, route, answer. Each step is one method
 * below, in order; none can be missed by an endpoint, because there is no other way in.
 */
public final class Pipeline {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    /** Large bodies may take this share of the heap, all lanes together; the rest is for everything else. */
    private static final double BODY_SHARE = 0.35;

    private static final ModelRoutes.Route EXPLAINED = new ModelRoutes.Route(Surface.CHAT, null);

    private final Lane lane;
    private final BodyReader bodies;
    private final CallIds ids = new CallIds(InstantSource.system());
    private final Answering answering;
    private final Arrivals arrivals;
    private Authenticator authenticator;
    private int open;

    /** One for each lane. */
    public Pipeline(Lane lane, Meters meters) {
        this.lane = lane;
        this.bodies = new BodyReader((long)
                (Runtime.getRuntime().maxMemory() * BODY_SHARE / lane.node().lanes()));
        this.answering = new Answering(lane, meters);
        this.arrivals = new Arrivals(lane);
        this.authenticator =
                new Authenticator(lane.config().general(), lane.node().keyring());
        lane.onConfig(snapshot -> authenticator =
                new Authenticator(snapshot.general(), lane.node().keyring()));
        lane.bus()
                .answer(
                        Addresses.CAP,
                        (Capping asked) -> Future.succeededFuture(Granting.capped(asked.call(), asked.cap())));
    }

    /** Serves one request. Whatever happens, it is answered. */
    public void serve(HttpServerRequest request, ModelRoutes.Route route) {
        serve(begin(request, route));
    }

    private void serve(Visit visit) {
        try {
            if (authenticate(visit)) {
                receive(visit)
                        .compose(_ -> route(visit))
                        .onComplete(
                                answer -> answering.answer(visit, answer),
                                cause -> answering.refuse(visit, failure(visit, cause)));
            }
        } catch (RuntimeException e) {
            answering.refuse(visit, failure(visit, e));
        }
    }

    /** Tells how a call would be routed ({@code POST /route/explain}): the same steps, but the call is not made and does not count. */
    public void explain(HttpServerRequest request) {
        Visit visit = begin(request, EXPLAINED);
        visit.explained = true;
        explain(visit);
    }

    private void explain(Visit visit) {
        try {
            if (authenticate(visit)) {
                receive(visit)
                        .compose(_ -> explained(visit))
                        .onComplete(
                                result -> answering.explain(visit, result),
                                cause -> answering.refuse(visit, failure(visit, cause)));
            }
        } catch (RuntimeException e) {
            answering.refuse(visit, failure(visit, e));
        }
    }

    private Visit begin(HttpServerRequest request, ModelRoutes.Route route) {
        Visit visit = new Visit(request, route, ids.next(), System.currentTimeMillis());
        open++;
        visit.whenOver().onComplete(_ -> {
            open--;
            visit.dropBody();
            release(visit);
        });
        return visit;
    }

    private boolean authenticate(Visit visit) {
        return switch (authenticator.authenticate(visit.request.headers())) {
            case Authentication.Known known -> {
                visit.caller = known.caller();
                Failure forbidden = RouteAccess.forbidden(
                        known.caller(), lane.node().options().local(visit.request.path()), true);
                if (forbidden != null) {
                    answering.refuse(visit, forbidden);
                }
                yield forbidden == null;
            }
            case Authentication.Refused refused -> {
                if (Authenticator.loading(refused) && !visit.paused) {
                    arrivals.awaitKey(visit, () -> known(visit), visit.explained ? this::explain : this::serve);
                } else {
                    if (visit.paused) {
                        visit.request.resume();
                    }
                    answering.refuse(visit, refused.failure());
                }
                yield false;
            }
        };
    }

    private boolean known(Visit visit) {
        return !Authenticator.loading(authenticator.authenticate(visit.request.headers()));
    }

    private Future<Void> receive(Visit visit) {
        return bodies.read(visit.request, lane.config().general().maxRequestBytes(), visit.paused)
                .map(received -> {
                    visit.received = received;
                    return null;
                });
    }

    private Future<Answer> route(Visit visit) {
        return switch (scan(visit)) {
            case BodyScan.Result.Wrong wrong -> Future.succeededFuture(new Answer.Refused(wrong.failure(), null));
            case BodyScan.Result.Scanned scanned -> {
                Call call = call(visit, scanned.envelope());
                yield arrivals.know(call)
                        ? enter(visit, call)
                        : arrivals.awaitModel(visit, call)
                                .compose(_ -> visit.gone ? Future.succeededFuture(gone()) : enter(visit, call));
            }
        };
    }

    private Future<Answer> enter(Visit visit, Call call) {
        return call.surface() == Surface.COUNT_TOKENS
                ? named(call).compose(admission -> counted(visit, call, admission))
                : unlimited(call) ? go(visit, call) : admit(visit, call);
    }

    private static Answer gone() {
        return new Answer.Refused(Failure.of(FailureKind.CLIENT_GONE, "The client closed the connection"), null);
    }

    /** On an open gateway nobody has limits, and the master key has none of its own. */
    private boolean unlimited(Call call) {
        return call.caller().unlimited() && !lane.node().keyring().limitsEveryone();
    }

    /** What costs nothing is not counted, but a key's names for models and an end user's region hold for it, too. */
    private Future<Admission> named(Call call) {
        return unlimited(call)
                ? Future.succeededFuture(Admission.Granted.PLAIN)
                : lane.bus().ask(Addresses.NAMES, call);
    }

    private Future<Answer> counted(Visit visit, Call call, Admission admission) {
        return switch (admission) {
            case Admission.Refused refused -> Future.succeededFuture(new Answer.Refused(refused.failure(), null));
            case Admission.Granted granted -> go(visit, Granting.applied(call, granted));
        };
    }

    /** Asks whether limits and budgets allow the call. */
    private Future<Answer> admit(Visit visit, Call call) {
        visit.response.closeHandler(_ -> {
            visit.gone = true;
            lane.bus().send(Addresses.onLane(Addresses.RELEASE, lane.number()), visit.callId);
        });
        return lane.bus().<Call, Admission>ask(Addresses.ADMIT, call).compose(admission -> switch (admission) {
            case Admission.Refused refused -> {
                visit.limits = refused.headers();
                yield Future.succeededFuture(new Answer.Refused(refused.failure(), null));
            }
            case Admission.Granted granted -> granted(visit, call, granted);
        });
    }

    private Future<Answer> granted(Visit visit, Call call, Admission.Granted granted) {
        visit.admitted = true;
        visit.limits = granted.headers();
        return visit.gone ? Future.succeededFuture(gone()) : go(visit, Granting.applied(call, granted));
    }

    private Future<Answer> go(Visit visit, Call call) {
        visit.call = call;
        watch(visit, lane);
        return lane.bus().ask(Addresses.ROUTE, call);
    }

    private Future<QueryResult> explained(Visit visit) {
        return switch (scan(visit)) {
            case BodyScan.Result.Wrong wrong -> Future.succeededFuture(QueryResult.refused(wrong.failure()));
            case BodyScan.Result.Scanned scanned -> {
                Call call = call(visit, scanned.envelope());
                yield arrivals.know(call)
                        ? explained(call)
                        : arrivals.awaitModel(visit, call).compose(_ -> explained(call));
            }
        };
    }

    private Future<QueryResult> explained(Call call) {
        return named(call).compose(admission -> switch (admission) {
            case Admission.Refused refused -> Future.succeededFuture(QueryResult.refused(refused.failure()));
            case Admission.Granted granted -> lane.bus().ask(Addresses.EXPLAIN, Granting.applied(call, granted));
        });
    }

    private static BodyScan.Result scan(Visit visit) {
        return BodyScan.scan(body(visit), visit.route.model());
    }

    private static Buffer body(Visit visit) {
        ReceivedBody received = visit.received;
        if (received == null) {
            throw new IllegalStateException("no body");
        }
        return received.bytes();
    }

    private Call call(Visit visit, Envelope scanned) {
        RouterSettings.Choosing choosing = lane.config().router().choosing();
        visit.promptBytes = body(visit).length();
        Envelope envelope = RequestHeaders.applied(streamable(visit, scanned), visit.request.headers(), choosing)
                .tagged(visit.caller.tags());
        return new Call(
                visit.callId, visit.surface, visit.caller, envelope, forwarded(visit), body(visit), visit.startedNanos);
    }

    /** {@code stream: true} means nothing where there are no streams. */
    private static Envelope streamable(Visit visit, Envelope envelope) {
        return envelope.stream() && !visit.surface.streams() ? envelope.withoutStream() : envelope;
    }

    /** What was set aside for a call that is over without a settlement goes back. */
    private void release(Visit visit) {
        if ((visit.admitted || visit.call != null) && !visit.settled) {
            lane.bus().send(Addresses.onLane(Addresses.RELEASE, lane.number()), visit.callId);
        }
    }

    /** Calls that are not answered or not written down yet. */
    public int unsettled() {
        return open + answering.unsettled();
    }

    /** Looks after bodies that do not come; to be called every few seconds. */
    public void sweep() {
        bodies.sweep(System.nanoTime());
    }

    /** A client that leaves while its call is being routed takes the upstream request with it. */
    static void watch(Visit visit, Lane lane) {
        visit.response.closeHandler(_ -> {
            visit.gone = true;
            lane.bus().send(Addresses.onLane(Addresses.CANCEL, lane.number()), visit.callId);
            lane.bus().send(Addresses.onLane(Addresses.ABANDON, lane.number()), visit.callId);
        });
    }

    private static Map<String, String> forwarded(Visit visit) {
        if (!visit.surface.anthropic()) {
            return Map.of();
        }
        Map<String, String> headers = new HashMap<>();
        for (String name : Headers.FORWARDED_TO_ANTHROPIC) {
            String value = visit.request.getHeader(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        return headers;
    }

    private static Failure failure(Visit visit, Throwable cause) {
        return switch (cause) {
            case BodyReader.Refusal refusal -> refusal.failure();
            case ReplyException reply
            when reply.failureType() == ReplyFailure.NO_HANDLERS ->
                Failure.of(
                        FailureKind.OVERLOADED,
                        "No node plays the router or accounting role right now; try again shortly");
            default -> {
                LOG.error("Call {} failed inside the gateway", visit.callId, cause);
                yield Failure.of(
                        FailureKind.INTERNAL, "Internal error; the log has the details under call id " + visit.callId);
            }
        };
    }
}
