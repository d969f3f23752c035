package dev.tollgate.cluster;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * A room's verticle that has work under way worth finishing. Asked before anything is undeployed, because undeploying takes the bus
 * addresses of the whole lane away.
 */
public interface Drainable {

    /** Takes no new work and completes when what was under way is done, or has been cut and written down after the grace. */
    Future<Void> drain(Duration grace);
}
