package dev.tollgate.provider;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/** Reads an upstream's whole answer, but no more than the heap can bear: one provider gone mad must not take everybody down. */
final class Collected {
    /** Most bytes of an answer: a quarter of the heap, at most 256 MB. */
    static final long MOST = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

    private final long limit;
    private final Promise<Buffer> whole = Promise.promise();
    private @Nullable Buffer bytes;
    private boolean gathered;

    private Collected(long limit) {
        this.limit = limit;
    }

    /** The answer's body; fails with {@link TooBig}, or with what broke the connection. */
    static Future<Buffer> of(HttpClientResponse response, long limit) {
        Collected collected = new Collected(limit);
        response.handler(chunk -> collected.add(chunk, response));
        response.exceptionHandler(collected.whole::tryFail);
        response.endHandler(_ -> collected.end());
        return collected.whole.future();
    }

    private void add(Buffer chunk, HttpClientResponse response) {
        Buffer sofar = bytes;
        if (sofar == null) {
            // The usual single chunk is kept as it is.
            bytes = chunk;
        } else if (sofar.length() + (long) chunk.length() <= limit) {
            if (!gathered) {
                gathered = true;
                sofar = Buffer.buffer(2 * (sofar.length() + chunk.length())).appendBuffer(sofar);
                bytes = sofar;
            }
            sofar.appendBuffer(chunk);
        } else if (whole.tryFail(new TooBig(limit))) {
            response.request().reset();
        }
    }

    private void end() {
        Buffer all = bytes;
        whole.tryComplete(all == null ? Buffer.buffer() : all);
    }

    /** An answer that is larger than allowed. */
    static final class TooBig extends RuntimeException {
        TooBig(long limit) {
            super("the answer is larger than " + (limit >> 20) + " MB", null, false, false);
        }
    }
}
