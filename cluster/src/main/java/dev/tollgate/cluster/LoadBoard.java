package dev.tollgate.cluster;

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
}
