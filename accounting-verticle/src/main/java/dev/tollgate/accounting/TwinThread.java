package dev.tollgate.accounting;

import dev.tollgate.accounting.ledger.TwinLedger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A thread with its own way to this node's ledger, so that other nodes never wait behind reports and what is being stored. */
final class TwinThread {
    private final ExecutorService thread;
    private volatile Supplier<Optional<TwinLedger>> opening = Optional::empty;

    /** On the thread. */
    private @Nullable TwinLedger twin;

    TwinThread(String name) {
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /** From now on there is a ledger, which may be one of several. */
    void open(Supplier<Optional<TwinLedger>> how) {
        opening = how;
    }

    /** Fails as long as there is no ledger that is one of several. */
    <T> Future<T> ask(Function<TwinLedger, T> question) {
        Promise<T> answer = Promise.promise();
        try {
            thread.execute(() -> {
                try {
                    answer.complete(question.apply(twin()));
                } catch (RuntimeException | Error e) {
                    // Whoever waits must hear of it, whatever it is.
                    answer.fail(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.fail(e);
        }
        return answer.future();
    }

    private TwinLedger twin() {
        TwinLedger opened = twin;
        if (opened == null) {
            opened = opening.get()
                    .orElseThrow(() ->
                            new IllegalStateException("The spend store is not open yet, or is the same for all nodes"));
            twin = opened;
        }
        return opened;
    }

    /** After what was asked before. */
    Future<Void> close() {
        Promise<Void> done = Promise.promise();
        try {
            thread.execute(() -> {
                try {
                    TwinLedger opened = twin;
                    if (opened != null) {
                        opened.close();
                    }
                } finally {
                    done.complete();
                }
            });
            thread.shutdown();
        } catch (RejectedExecutionException _) {
            done.tryComplete();
        }
        return done.future();
    }
}
