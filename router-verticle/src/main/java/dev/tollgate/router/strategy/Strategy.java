package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;

/** Picks one of several deployments that could all serve a call. Used on one lane only. */
public interface Strategy {

    /** Whether a call may go to the deployment now; those that strategies with limits say no to are never candidates. */
    default boolean allows(Deployment deployment) {
        return true;
    }

    /**
     * Picks one.
     *
     * @param candidates allowed deployments, at least one
     * @param stream whether a stream is asked for
     */
    Deployment choose(List<Deployment> candidates, boolean stream);
}
