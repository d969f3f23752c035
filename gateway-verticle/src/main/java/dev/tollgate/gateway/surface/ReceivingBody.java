package dev.tollgate.gateway.surface;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One body coming in. The usual single chunk is kept as it is; more are gathered in a buffer of the announced size. */
final class ReceivingBody {
    private static final int SMALL = 64 * 1024;

    /** A body is there twice while it is sent: as it came, for another attempt, and as its provider wants it. */
    private static final int COPIES = 2;

    private final Promise<ReceivedBody> promise = Promise.promise();
    private final HttpServerRequest request;
    private final long announced;
    private final long limit;
    private final BodyBudget budget;
    private final Set<ReceivingBody> receiving;
    private BodyBudget.@Nullable Ticket ticket;
    private @Nullable Buffer body;
    private boolean gathered;
    private boolean reading;
    private long lastNanos;

    ReceivingBody(
            HttpServerRequest request, long announced, long limit, BodyBudget budget, Set<ReceivingBody> receiving) {
        this.request = request;
        this.announced = announced;
        this.limit = limit;
        this.budget = budget;
        this.receiving = receiving;
    }

    Future<ReceivedBody> begin(boolean paused) {
        request.exceptionHandler(_ -> fail(gone()));
        request.handler(this::chunk);
        request.endHandler(_ -> complete());
        if (announced > SMALL) {
            charge(announced);
        } else {
            reading = true;
            if (paused) {
                request.resume();
            }
        }
        return promise.future();
    }

    /** Stops reading until the budget has room. */
    private void charge(long bytes) {
        request.pause();
        reading = false;
        lastNanos = System.nanoTime();
        receiving.add(this);
        ticket = budget.take(COPIES * bytes, this::granted);
    }

    private void granted() {
        reading = true;
        lastNanos = System.nanoTime();
        request.resume();
    }

    private void chunk(Buffer bytes) {
        int sofar = body == null ? 0 : body.length();
        if ((long) sofar + bytes.length() > limit) {
            fail(BodyReader.tooLarge(limit));
            return;
        }
        if (body == null) {
            body = bytes;
        } else {
            if (!gathered) {
                body = Buffer.buffer((int) Math.max(announced, sofar + bytes.length()))
                        .appendBuffer(body);
                gathered = true;
            }
            body.appendBuffer(bytes);
        }
        if (ticket != null) {
            lastNanos = System.nanoTime();
        } else if (announced < 0 && body.length() > SMALL) {
            charge(limit);
        }
    }

    private void complete() {
        receiving.remove(this);
        Buffer whole = body == null ? Buffer.buffer() : body;
        BodyBudget.Ticket held = ticket;
        if (promise.tryComplete(new ReceivedBody(whole, held)) && held != null) {
            held.shrinkTo(COPIES * (long) whole.length());
        }
    }

    private void fail(Failure failure) {
        receiving.remove(this);
        if (promise.tryFail(new BodyReader.Refusal(failure)) && ticket != null) {
            body = null;
            ticket.release();
        }
    }

    /** Only the client's silence counts, not the wait in our own line. */
    void expire(long nowNanos) {
        if (reading && nowNanos - lastNanos > BodyReader.STALL.toNanos()) {
            fail(new Failure(
                    FailureKind.BAD_REQUEST,
                    408,
                    "The request body stopped coming for " + BodyReader.STALL.toSeconds() + " s",
                    null,
                    null,
                    null,
                    null));
        }
    }

    private static Failure gone() {
        return Failure.of(FailureKind.CLIENT_GONE, "The client left before its body was complete");
    }
}
