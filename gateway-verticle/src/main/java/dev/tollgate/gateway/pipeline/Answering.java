package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import dev.tollgate.gateway.http.Errors;
import dev.tollgate.gateway.http.Headers;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the client what the router came back with, and settles it first. */
final class Answering {
    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);
    private static final int CLIENT_CLOSED_REQUEST = 499;

    /** Bodies of streams that could be carried on may take this share of the heap, all lanes together. */
    private static final double KEPT_SHARE = 0.1;

    private static final long DISCARD_MILLIS = 5_000;
    private static final Settled FREE = new Settled(0, true);
    private static final Answer.Route NOWHERE = new Answer.Route("", "", "", "", "", 0, 0, 0, 0, 0, List.of(), false);

    private final Lane lane;
    private final Meters meters;
    private final Settling settling;
    private final ResponseHead head;
    private final long mostKeptBytes;
    private long keptBytes;

    Answering(Lane lane, Meters meters) {
        this.lane = lane;
        this.meters = meters;
        this.settling = new Settling(lane.bus(), Addresses.onLane(Addresses.RELEASE, lane.number()), meters);
        this.mostKeptBytes = (long)
                (Runtime.getRuntime().maxMemory() * KEPT_SHARE / lane.node().lanes());
        this.head = new ResponseHead(lane.node().options().version());
    }

    /** Settlements under way. */
    int unsettled() {
        return settling.underway();
    }

    void answer(Visit visit, Answer answer) {
        Call call = visit.call;
        if (call == null) {
            refuse(visit, answer instanceof Answer.Refused refused ? refused.failure() : internal());
            return;
        }
        switch (answer) {
            case Answer.Whole whole -> whole(visit, call, whole);
            case Answer.Streaming streaming -> stream(visit, call, streaming);
            case Answer.Refused refused -> refused(visit, call, refused);
        }
    }

    /** Answers a question about a call that is not made; nothing is settled. */
    void explain(Visit visit, QueryResult result) {
        if (result.json() == null) {
            refuse(visit, result.failure() == null ? internal() : result.failure());
        } else if (visit.finish() && !visit.gone) {
            head.common(visit.response.headers(), visit);
            visit.response.putHeader(Headers.CONTENT_TYPE, Headers.JSON).end(result.json());
        }
    }

    private void whole(Visit visit, Call call, Answer.Whole whole) {
        Answer.Route route = routeOf(whole);
        int status = visit.gone ? CLIENT_CLOSED_REQUEST : whole.status();
        if (visit.surface == Surface.COUNT_TOKENS) {
            finish(visit, route, whole, null);
            return;
        }
        settling.settle(visit.settlement(
                        call,
                        route,
                        whole.usage(),
                        whole.upstreamModel(),
                        status,
                        visit.gone ? FailureKind.CLIENT_GONE : null))
                .onSuccess(settled -> finish(visit, route, whole, settled));
    }

    private void finish(Visit visit, Answer.Route route, Answer.Whole whole, @Nullable Settled settled) {
        if (!visit.finish() || visit.gone) {
            return;
        }
        MultiMap headers = visit.response.headers();
        head.common(headers, visit);
        headers.set(Headers.CONTENT_TYPE, Headers.JSON);
        head.provider(headers, whole.headers());
        head.route(headers, route);
        head.settled(headers, visit, route, settled);
        visit.response.setStatusCode(whole.status());
        visit.response.end(whole.body());
    }

    private void stream(Visit visit, Call call, Answer.Streaming streaming) {
        Answer.Route route = routeOf(streaming);
        Continuation continuation = kept(visit, call, streaming);
        if (!visit.gone) {
            MultiMap headers = visit.response.headers();
            head.common(headers, visit);
            headers.set(Headers.CONTENT_TYPE, Headers.EVENT_STREAM)
                    .set(Headers.CACHE_CONTROL, Headers.NO_CACHE)
                    .set(Headers.ACCEL_BUFFERING, Headers.NO);
            head.provider(headers, streaming.headers());
            head.route(headers, route);
            visit.response.setChunked(true);
        }
        new StreamedAnswer(visit, lane, settling, call, route, continuation).relay(streaming);
    }

    /** A body kept for a long stream must not take the room of calls that are coming in; where there is no room it is not kept. */
    private @Nullable Continuation kept(Visit visit, Call call, Answer.Streaming streaming) {
        int size = call.body().length();
        Continuation continuation = keptBytes + size > mostKeptBytes ? null : Continuation.of(visit, call, streaming);
        if (continuation == null) {
            visit.dropBody();
            return null;
        }
        if (visit.received != null) {
            visit.received.release();
        }
        keptBytes += size;
        visit.whenOver().onComplete(_ -> keptBytes -= size);
        return continuation;
    }

    private void refused(Visit visit, Call call, Answer.Refused refused) {
        Answer.Route route = routeOf(refused);
        Failure failure = refused.failure();
        int status = visit.gone ? CLIENT_CLOSED_REQUEST : Errors.status(failure);
        // What attempts without an answer cost stands in the route.
        settling.settle(visit.settlement(call, route, Usage.NONE, null, status, failure.kind()))
                .onSuccess(settled -> {
                    head.route(visit.response.headers(), route);
                    write(visit, failure, settled);
                });
    }

    /** Answers with an error before anything was routed. */
    void refuse(Visit visit, Failure failure) {
        meters.refused(visit.surface, failure);
        write(visit, failure, FREE);
    }

    private void write(Visit visit, Failure failure, Settled settled) {
        log(visit, failure);
        if (!visit.finish() || visit.gone || visit.response.closed()) {
            return;
        }
        MultiMap headers = visit.response.headers();
        head.common(headers, visit);
        headers.set(Headers.CONTENT_TYPE, Headers.JSON);
        head.cost(headers, settled);
        if (failure.retryAfter() != null) {
            headers.set(
                    Headers.RETRY_AFTER,
                    Long.toString(Math.max(1, failure.retryAfter().toSeconds())));
        }
        boolean unread = !visit.request.isEnded();
        if (unread) {
            headers.set(Headers.CONNECTION, Headers.CLOSE);
        }
        visit.response.setStatusCode(Errors.status(failure));
        var sent = visit.response.end(Errors.json(visit.surface, failure, visit.callId));
        if (unread) {
            sent.onComplete(_ -> discard(visit.request));
        }
    }

    /**
     * The rest of a body that is not wanted would be taken for the next request, so the connection must go; but closing it while
     * the client still sends makes many clients miss the answer.
     */
    private void discard(HttpServerRequest request) {
        if (request.isEnded()) {
            // A small body was all there before the answer had left.
            request.connection().close();
            return;
        }
        long timer = lane.node()
                .vertx()
                .setTimer(DISCARD_MILLIS, _ -> request.connection().close());
        request.handler(_ -> {});
        request.exceptionHandler(_ -> lane.node().vertx().cancelTimer(timer));
        request.endHandler(_ -> {
            lane.node().vertx().cancelTimer(timer);
            request.connection().close();
        });
        request.resume();
    }

    static void log(Visit visit, Failure failure) {
        if (failure.kind() == FailureKind.CLIENT_GONE) {
            LOG.info("Call {} {} 499: the client closed the connection", visit.callId, visit.request.path());
        } else {
            LOG.warn(
                    "Call {} {} {} {}: {}",
                    visit.callId,
                    visit.request.path(),
                    Errors.status(failure),
                    failure.kind(),
                    failure.message());
        }
    }

    private static Answer.Route routeOf(Answer answer) {
        Answer.Route route = answer.route();
        return route == null ? NOWHERE : route;
    }

    private static Failure internal() {
        return Failure.of(FailureKind.INTERNAL, "Internal error: an answer without a call");
    }
}
