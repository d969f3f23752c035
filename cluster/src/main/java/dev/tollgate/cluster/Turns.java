package dev.tollgate.cluster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Work about other nodes that is done for one node at a time. Whoever asks for it gets a run that has not begun yet, and shares it with
 * all who ask until it begins: so what a run finds is never older than the question. From any thread.
 */
public final class Turns {
    private final Map<String, Turn> last = new HashMap<>();

    private static final class Turn {
        private final Promise<Void> done = Promise.promise();
        private boolean begun;
    }

    /** Does the work about that node, after what is under way about it. */
    public Future<Void> take(String node, Supplier<Future<Void>> work) {
        Turn running;
        Turn mine;
        synchronized (this) {
            running = last.get(node);
            if (running != null && !running.begun) {
                return running.done.future();
            }
            mine = new Turn();
            last.put(node, mine);
        }
        if (running == null) {
            begin(node, mine, work);
        } else {
            running.done.future().onComplete(_ -> begin(node, mine, work));
        }
        return mine.done.future();
    }

    private void begin(String node, Turn turn, Supplier<Future<Void>> work) {
        synchronized (this) {
            turn.begun = true;
        }
        Future<Void> result;
        try {
            result = work.get();
        } catch (RuntimeException e) {
            result = Future.failedFuture(e);
        }
        result.onComplete(ended -> {
            synchronized (this) {
                last.remove(node, turn);
            }
            turn.done.handle(ended);
        });
    }
}
