package dev.tollgate.accounting.book;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** Work for another thread. What comes of it is told in any case: also when the thread is gone, or the work breaks. */
final class Errand {
    private Errand() {}

    static <T> Future<T> on(Executor thread, Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        try {
            thread.execute(() -> {
                try {
                    work.get().onComplete(done);
                } catch (RuntimeException | Error e) {
                    done.fail(e);
                }
            });
        } catch (RejectedExecutionException _) {
            done.fail("This node is stopping");
        }
        return done.future();
    }
}
