package dev.tollgate.cluster;

import dev.tollgate.config.Snapshot;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A module that plays a role. Found by {@link java.util.ServiceLoader}, so that no room depends on another and the launcher on
 * none of them at compile time.
 */
public interface Room {

    /** The role it plays. */
    Role role();

    /** Opens what the node has once, before any lane; nothing by default. Must not block. */
    default Future<Void> open(Node node) {
        return Future.succeededFuture();
    }

    /** A fresh verticle for one lane; it is deployed on that lane's event loop. */
    Deployable onLane(Lane lane);

    /**
     * Compares what the room keeps twice, such as rows and their sums; may block, and needs no running gateway. One line a
     * difference, empty when all is well or there is nothing to compare.
     *
     * @param data folder of the embedded store
     * @param remarks hears what could not be compared, a line each
     */
    default List<String> verify(Snapshot config, Path data, Consumer<String> remarks) {
        return List.of();
    }

    /**
     * Prices calls again by the configuration's and the program's present prices; may block, and needs no running gateway. Lines for
     * people, empty when this room keeps no calls.
     *
     * @param data folder of the embedded store
     */
    default List<String> reprice(Snapshot config, Path data, Reprice order) {
        return List.of();
    }

    /**
     * Models and credentials that the admin API made, in clear; may block, needs no running gateway, and changes nothing.
     *
     * @param data folder of the embedded store
     */
    default InStore stored(Snapshot config, Path data) {
        return InStore.NOTHING;
    }

    /**
     * Brings over keys, people, limits and what they spent from a LiteLLM database; may block, and needs no running gateway. Lines for
     * people, empty when this room keeps none of that.
     *
     * @param data folder of the embedded store
     */
    default List<String> bring(Snapshot config, Path data, Bring order) {
        return List.of();
    }

    /** Closes what {@link #open} opened, after all lanes are gone; nothing by default. */
    default Future<Void> close(Node node) {
        return Future.succeededFuture();
    }
}
