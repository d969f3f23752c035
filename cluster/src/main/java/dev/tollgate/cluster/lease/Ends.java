package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Where shares are used, and what was spent before there were any. */
public interface Ends {

    /** This node's share, or null: nothing here uses that total, or not any more. */
    @Nullable Share find(Meter meter);

    /** What the store has of a total that was spent; may take as long as the store does. Fails when the store is away. */
    Future<Long> stored(Meter meter);
}
