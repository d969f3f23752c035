package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Where shares are used, and what was spent before there were any. */
public interface Ends {

    /** This node's share, or null: nothing here uses that total, or not any more. */
    @Nullable Share find(Meter meter);

    /** What the store has of a total that was spent; may take as long as the store does. Fails when the store is away. */
    Future<Long> stored(Meter meter);

    /**
     * Whether all nodes have one store. Else each has its own: then a total begins only when {@link #stored} has answered, for what nodes
     * know themselves may be too little, and it begins anew when a node has come, whose store may have more.
     */
    default boolean oneStore() {
        return true;
    }
}
