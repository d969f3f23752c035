package dev.tollgate.gateway.pipeline;

import dev.tollgate.cluster.Lane;
import java.util.function.Consumer;

/**
 * What comes while the gateway's keys are being loaded, as just after its start, waits for them: unread, looking again now and then, and
 * not for long.
 */
final class KeyWait {
    private static final long EVERY_MILLIS = 50;

    private KeyWait() {}

    /** Lets {@code again} have the request later; false: it has waited for long enough. */
    static boolean begin(Visit visit, Lane lane, Consumer<Visit> again) {
        long now = System.nanoTime();
        if (visit.paused && now - visit.waitsUntilNanos >= 0) {
            visit.request.resume();
            return false;
        }
        if (!visit.paused) {
            visit.paused = true;
            visit.waitsUntilNanos = now + lane.node().patience().toNanos();
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
