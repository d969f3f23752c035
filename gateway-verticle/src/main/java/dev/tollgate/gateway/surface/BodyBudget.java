package dev.tollgate.gateway.surface;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;

/** Bytes of memory that large bodies of one lane may take together; whoever finds none left waits in line. */
final class BodyBudget {
    private record Waiting(long bytes, Promise<Void> promise) {}

    private final long size;
    private final Queue<Waiting> line = new ArrayDeque<>();
    private long free;

    BodyBudget(long size) {
        this.size = size;
        this.free = size;
    }

    /** Takes so many bytes, now or when others have given theirs back. A body larger than the whole budget waits to be alone. */
    Future<Void> take(long bytes) {
        long wanted = Math.min(bytes, size);
        if (line.isEmpty() && wanted <= free) {
            free -= wanted;
            return Future.succeededFuture();
        }
        Waiting waiting = new Waiting(wanted, Promise.promise());
        line.add(waiting);
        return waiting.promise().future();
    }

    void give(long bytes) {
        free += Math.min(bytes, size);
        while (!line.isEmpty() && line.element().bytes() <= free) {
            Waiting next = line.remove();
            free -= next.bytes();
            next.promise().complete();
        }
    }
}
