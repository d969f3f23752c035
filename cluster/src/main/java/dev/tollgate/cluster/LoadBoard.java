package dev.tollgate.cluster;

/**
 * What is known of each deployment's load and health, across lanes (and, in a cluster, nodes). One instance per lane; not
 * thread-safe: use it on the lane's event loop only.
 */
public interface LoadBoard {

    /** An attempt on the deployment began. */
    void began(String deploymentId);

    /** An attempt ended, well or not. */
    void ended(String deploymentId);

    /** Attempts under way on this lane. */
    int inFlight(String deploymentId);

    /** Leaves the deployment alone until then (milliseconds since 1970), on every lane. */
    void cool(String deploymentId, long untilMillis);

    /** Until when the deployment is left alone (milliseconds since 1970); 0 when it is not. */
    long cooledUntil(String deploymentId);
}
