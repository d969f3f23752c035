package dev.tollgate.gateway.surface;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Receives request bodies of one lane into memory, within a limit for each and within a budget for all of them together.
 *
 * <p>A body is held until its call is answered, because a retry needs it again. Without a budget 200 bodies of 1 MB would fill a
 * small heap; with it the later ones are simply not read from their sockets until earlier ones are done: the clients wait, nothing
 * fails. Small bodies do not count. A body of unannounced length counts as the largest allowed once it is no longer small: taking
 * its share bit by bit could leave several half-read bodies waiting for each other.
 */
public final class BodyReader {
    /** How long a body may make no progress before its connection is given up. */
    static final Duration STALL = Duration.ofSeconds(60);

    private final BodyBudget budget;

    /** Bodies that hold a share of the budget, or wait for one, and are not complete. */
    private final Set<ReceivingBody> receiving = new LinkedHashSet<>();

    /** {@code budgetBytes} is the lane's share of memory for large bodies. */
    public BodyReader(long budgetBytes) {
        this.budget = new BodyBudget(budgetBytes);
    }

    /** Fails with {@link Refusal}: too large, encoded, stalled, or the client left. {@code paused}: the request is, and is to go on. */
    public Future<ReceivedBody> read(HttpServerRequest request, long limit, boolean paused) {
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
        if (request.getHeader(HttpHeaders.EXPECT) != null) {
            request.response().writeContinue();
        }
        return new ReceivingBody(request, announced, limit, budget, receiving).begin(paused);
    }

    /** Gives up bodies that have made no progress for {@link #STALL}; to be called every few seconds. */
    public void sweep(long nowNanos) {
        for (ReceivingBody body : receiving.toArray(ReceivingBody[]::new)) {
            body.expire(nowNanos);
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

    static Failure tooLarge(long limit) {
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
}
