package dev.tollgate.cluster;

import java.util.Set;
import java.util.function.Predicate;

/**
 * What is known of each deployment's load and health, across lanes (and, in a cluster, nodes). One instance per lane; not
 * thread-safe: use it on the lane's event loop only.
 */
public interface LoadBoard {

    /** The figures of a deployment, as far as this node knows them; never null, and the same object for the same id. */
    Load load(String deploymentId);

    /** Leaves the deployment alone until then (milliseconds since 1970), on every lane. */
    void cool(String deploymentId, long untilMillis);

    /** Until when the deployment is left alone (milliseconds since 1970); 0 when it is not. */
    default long cooledUntil(String deploymentId) {
        return load(deploymentId).cooledUntil();
    }

    /** The deployment is another one from now on, under the same id: this lane leaves it alone no longer, and measures anew. */
    default void renew(String deploymentId) {
        load(deploymentId).renew();
    }

    /**
     * Forgets deployments that are not {@code present} any more and that nobody on this lane has used for some minutes; to be called
     * about once a minute.
     *
     * @return those that were forgotten
     */
    default Set<String> sweep(Predicate<String> present, long nowMillis) {
        return Set.of();
    }
}
