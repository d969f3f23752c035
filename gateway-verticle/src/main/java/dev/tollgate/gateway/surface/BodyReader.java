package dev.tollgate.gateway.surface;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Receives request bodies of one lane into memory, within a limit for each and within a budget for all of them together.
 *
 * <p>A body is held until its call is answered, because a retry needs it again. Without a budget 200 bodies of 1 MB would fill a
 * small heap; with it the later ones are simply not read from their sockets until earlier ones are done: the clients wait, nothing
 * fails. Small bodies do not count.
 */
public final class BodyReader {
    private static final int SMALL = 64 * 1024;

    private final BodyBudget budget;

    /** {@code budgetBytes} is the lane's share of memory for large bodies. */
    public BodyReader(long budgetBytes) {
        this.budget = new BodyBudget(budgetBytes);
    }

    /**
     * A received body.
     *
     * @param body the bytes
     * @param charge what to give back with {@link #release} when the call is answered
     */
    public record Received(Buffer body, long charge) {}

    /** Fails with {@link Refusal}: too large, encoded, or the client left. */
    public Future<Received> read(HttpServerRequest request, long limit) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return refuse(new Failure(
                    FailureKind.BAD_REQUEST,
                    415,
                    "Content-Encoding " + encoding + " is not accepted: send the body unencoded",
                    null,
                    null,
                    null,
                    null));
        }
        long announced = announced(request);
        if (announced > limit) {
            return refuse(tooLarge(limit));
        }
        if (announced <= SMALL && announced >= 0) {
            return new Collecting(limit, (int) announced, 0).from(request);
        }
        long charge = announced < 0 ? SMALL : announced;
        request.pause();
        return budget.take(charge).compose(_ -> {
            Future<Received> received = new Collecting(limit, (int) Math.max(announced, 0), charge).from(request);
            request.resume();
            return received.onFailure(_ -> budget.give(charge));
        });
    }

    /** Gives back what a received body was charged. */
    public void release(long charge) {
        if (charge > 0) {
            budget.give(charge);
        }
    }

    private static long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null ? 0 : -1;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private static Failure tooLarge(long limit) {
        return Failure.of(
                FailureKind.REQUEST_TOO_LARGE,
                "Request body is larger than " + (limit >> 20)
                        + " MB; raise general_settings.max_request_size_mb to allow it");
    }

    private static <T> Future<T> refuse(Failure failure) {
        return Future.failedFuture(new Refusal(failure));
    }

    /** Why a body was not received; an answer, so without a stack. */
    public static final class Refusal extends RuntimeException {
        private final transient Failure failure;

        Refusal(Failure failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }

        /** The failure to answer with. */
        public Failure failure() {
            return failure;
        }
    }

    /** One body coming in. The usual single chunk is kept as it is; more are gathered in a buffer of the announced size. */
    private static final class Collecting {
        private final Promise<Received> promise = Promise.promise();
        private final long limit;
        private final int announced;
        private final long charge;
        private @Nullable Buffer body;
        private boolean gathered;

        Collecting(long limit, int announced, long charge) {
            this.limit = limit;
            this.announced = announced;
            this.charge = charge;
        }

        Future<Received> from(HttpServerRequest request) {
            request.handler(this::chunk);
            request.exceptionHandler(_ -> promise.tryFail(
                    new Refusal(Failure.of(FailureKind.CLIENT_GONE, "The client left before its body was complete"))));
            request.endHandler(_ -> promise.tryComplete(new Received(body == null ? Buffer.buffer() : body, charge)));
            return promise.future();
        }

        private void chunk(Buffer bytes) {
            int sofar = body == null ? 0 : body.length();
            if ((long) sofar + bytes.length() > limit) {
                promise.tryFail(new Refusal(tooLarge(limit)));
            } else if (body == null) {
                body = bytes;
            } else {
                if (!gathered) {
                    body = Buffer.buffer(Math.max(announced, sofar + bytes.length()))
                            .appendBuffer(body);
                    gathered = true;
                }
                body.appendBuffer(bytes);
            }
        }
    }
}
