package dev.tollgate.provider;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/**
 * One upstream's stream. Until its first content arrives nothing is promised: a greeting is kept, and an error, an early end or
 * silence is a plain refusal that the router may turn into another attempt. From then on chunks go out as {@link StreamOut} frames, read from
 * the upstream only as fast as the gateway grants credit: {@code wanted} buffers are outstanding at the upstream, never more than
 * the credit left.
 */
final class UpstreamStream implements Underway.Task, StreamOut.Source {
    /** How long an upstream may stay connected after its closing event; the usage event follows the finish reason at once. */
    private static final long FAREWELL_NANOS = 1_000_000_000L;

    /** What comes before the first content is kept until then; nobody says hello at greater length. */
    private static final int LONGEST_GREETING = 256 * 1024;

    private final Exchange exchange;
    private final HttpClientResponse response;
    private final Passage.Stream passage;
    private final Bus bus;
    private @Nullable StreamOut out;
    private @Nullable Buffer first;
    private @Nullable Failure failed;
    private int credit;
    private int wanted;
    private long lastHeard = System.nanoTime();
    private final @Nullable Pace pace;
    private boolean finished;

    UpstreamStream(Exchange exchange, HttpClientResponse response, Passage passage, Bus bus) {
        this.exchange = exchange;
        this.bus = bus;
        this.response = response;
        this.pace = Pace.of(exchange.attempt().minStreamRate(), lastHeard);
        this.passage = passage.stream(
                exchange.attempt().requestedModel(),
                exchange.attempt().call().envelope().streamUsage());
    }

    void start() {
        response.pause();
        response.handler(this::read);
        response.exceptionHandler(cause -> {
            ending();
            if (passage.complete()) {
                closed();
            } else {
                broke(exchange.connectionFailure(cause));
            }
        });
        response.endHandler(_ -> {
            ending();
            closed();
        });
        fetch(1);
    }

    private void ending() {
        if (!finished) {
            passage.closed();
        }
    }

    private void read(Buffer bytes) {
        if (finished) {
            return;
        }
        wanted--;
        lastHeard = System.nanoTime();
        Buffer chunk;
        try {
            chunk = passage.feed(bytes);
        } catch (BadPayload e) {
            broke(exchange.nonsense(e));
            return;
        } catch (RuntimeException e) {
            broke(exchange.defect(e));
            return;
        }
        Failure failure = passage.failure();
        boolean waiting = chunk == null;
        if (chunk != null) {
            if (out == null) {
                waiting = !begins(chunk);
            } else {
                credit--;
                if (pace != null) {
                    pace.heard(chunk);
                }
                out.chunk(chunk);
            }
        }
        if (failure != null) {
            broke(failure);
        } else if (waiting) {
            fetch(1);
        }
    }

    /** Keeps what came until something of an answer is among it; then the stream is promised. */
    private boolean begins(Buffer chunk) {
        first = first == null ? chunk : first.appendBuffer(chunk);
        if (passage.failure() != null || !(passage.begun() || first.length() > LONGEST_GREETING)) {
            return false;
        }
        begin();
        return true;
    }

    private void begin() {
        StreamOut opened = new StreamOut(bus, new StreamRef(exchange.attempt().leg()), this);
        out = opened;
        exchange.dropBody();
        exchange.end(new Answer.Streaming(Exchange.passedOn(response), opened.ref(), null));
    }

    @Override
    public void demand(int chunks) {
        credit += chunks;
        if (first != null && out != null) {
            credit--;
            out.chunk(first);
            first = null;
        }
        if (!finished && credit > wanted) {
            fetch(credit - wanted);
        } else if (finished) {
            finishEnd();
        }
    }

    private void fetch(int buffers) {
        if (wanted == 0) {
            lastHeard = System.nanoTime();
        }
        wanted += buffers;
        response.fetch(buffers);
    }

    private void closed() {
        if (finished) {
            return;
        }
        if (!passage.complete()) {
            broke(Failure.upstream(
                    FailureKind.CONNECTION,
                    FailureKind.CONNECTION.status(),
                    exchange.provider(),
                    "The upstream closed the connection before its answer was complete"));
            return;
        }
        finished = true;
        exchange.underway().remove(exchange.attempt().leg(), this);
        if (out != null) {
            finishEnd();
        } else if (first != null) {
            begin();
        } else {
            exchange.fail(
                    Failure.of(FailureKind.UPSTREAM_ERROR, "The upstream ended its stream without any content"),
                    used().orPrompt(exchange.spent().prompt()));
        }
    }

    /** Sends the last frame, but not before the gateway's first grant: until then nobody listens at the other end. */
    private void finishEnd() {
        if (out == null || first != null) {
            return;
        }
        if (failed != null) {
            out.broken(failed, used());
        } else {
            out.end(passage.trailer(), used(), passage.upstreamModel());
        }
    }

    /** What the provider reported, and where it did not come to that, what it has sent. */
    private Usage used() {
        Usage told = exchange.billed(passage.usage());
        return told.reported() && failed == null ? told : told.atLeastGenerated(passage.generated());
    }

    private void broke(Failure failure) {
        if (finished) {
            return;
        }
        finished = true;
        exchange.underway().remove(exchange.attempt().leg(), this);
        exchange.reset();
        if (out == null) {
            // An error that the provider tells is a refusal; anything else leaves us without an answer that it may
            // bill.
            boolean refused = passage.failure() != null;
            exchange.fail(
                    failure,
                    refused ? Usage.NONE : used().orPrompt(exchange.spent().prompt()));
        } else {
            failed = failure;
            finishEnd();
        }
    }

    @Override
    public Usage stop() {
        finished = true;
        exchange.underway().remove(exchange.attempt().leg(), this);
        exchange.reset();
        return exchange.billed(passage.usage()).atLeastGenerated(passage.generated());
    }

    /**
     * Only silence of the upstream counts: while the client has no room, nothing is wanted from it. One that has said its last word
     * but does not hang up is not waited for. Until the first content the time since the attempt began counts as well: greetings and
     * pings are no answer.
     */
    @Override
    public void expire(long nowNanos) {
        if (!finished && nowNanos - lastHeard >= FAREWELL_NANOS && passage.complete()) {
            closed();
            exchange.reset();
        } else if (!finished
                && wanted > 0
                && nowNanos - lastHeard >= exchange.attempt().timeout().toNanos()) {
            broke(exchange.tookTooLong(exchange.attempt().timeout()));
        } else if (!finished && out == null && exchange.contentOverdue(nowNanos)) {
            broke(exchange.tookTooLong(exchange.attempt().firstContent()));
        } else if (!finished && out != null && pace != null && pace.tooSlow(nowNanos, wanted > 0)) {
            broke(exchange.tooSlow());
        }
    }

    @Override
    public void cancel() {
        if (out == null) {
            finished = true;
            exchange.underway().remove(exchange.attempt().leg(), this);
            exchange.cancel();
        }
    }
}
