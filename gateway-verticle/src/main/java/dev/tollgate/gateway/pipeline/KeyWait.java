package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import java.util.function.Consumer;

/**
 * What comes while the gateway's keys are being loaded, as just after its start, waits for them: unread, looking again now and then, and
 * not for long.
 */
final class KeyWait {
    private static final long EVERY_MILLIS = 50;
    private static final long LONGEST_MILLIS = 2_000;

    /** The first start on a new folder may take longer than a call may wait later, when a store is away. */
    private static final long STARTING_NANOS = 10_000_000_000L;

    private KeyWait() {}

    /** Lets {@code again} have the request later; false: it has waited for long enough. */
    static boolean begin(Visit visit, Lane lane, Consumer<Visit> again) {
        boolean starting = System.nanoTime() - lane.node().startedNanos() < STARTING_NANOS;
        if (!starting && System.currentTimeMillis() - visit.startedAtMillis >= LONGEST_MILLIS) {
            if (visit.paused) {
                visit.request.resume();
            }
            return false;
        }
        if (!visit.paused) {
            visit.paused = true;
            visit.request.pause();
            visit.request.exceptionHandler(_ -> visit.gone = true);
        }
        lane.node().vertx().setTimer(EVERY_MILLIS, _ -> {
            if (visit.gone) {
                visit.finish();
            } else {
                again.accept(visit);
            }
        });
        return true;
    }
}
