package dev.tollgate.accounting;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers of a store that somebody waits for. A store whose tables are being changed for a new version may not come to a question for
 * hours: after a few seconds whoever asked is told so instead, and the question is dropped. A store that is merely slow is waited for.
 */
final class Impatience {
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Duration longest;
    private final Supplier<@Nullable String> reason;

    /** {@code reason}: why the store comes to no question, or null: it does. Asked from any thread. */
    Impatience(Supplier<@Nullable String> reason) {
        this(LONGEST, reason);
    }

    Impatience(Duration longest, Supplier<@Nullable String> reason) {
        this.longest = longest;
        this.reason = reason;
    }

    /** Somebody asks now. */
    <T> Waiting<T> begin() {
        Waiting<T> waiting = new Waiting<>();
        watch(waiting);
        return waiting;
    }

    private void watch(Waiting<?> waiting) {
        Executor later = CompletableFuture.delayedExecutor(longest.toMillis(), TimeUnit.MILLISECONDS);
        later.execute(() -> {
            String why = waiting.taken.get() ? null : reason.get();
            if (why != null && waiting.take()) {
                waiting.promise.fail(new IllegalStateException(why));
            } else if (!waiting.taken.get()) {
                watch(waiting);
            }
        });
    }

    /** One answer. */
    static final class Waiting<T> {
        private final Promise<T> promise = Promise.promise();
        private final AtomicBoolean taken = new AtomicBoolean();

        /** Whether the store may work on it now; false: nobody waits any more. */
        boolean take() {
            return taken.compareAndSet(false, true);
        }

        void complete(T answer) {
            promise.tryComplete(answer);
        }

        /** Done, without anything to tell. */
        void complete() {
            promise.tryComplete();
        }

        void fail(Throwable cause) {
            taken.set(true);
            promise.tryFail(cause);
        }

        Future<T> future() {
            return promise.future();
        }
    }
}
