package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;

/** Picks one of several deployments that could all serve a call. Used on one lane only. */
public interface Strategy {

    /**
     * Picks one.
     *
     * @param candidates deployments that may be used now, at least one
     * @param stream whether a stream is asked for
     */
    Deployment choose(Seats candidates, boolean stream);

    /** How {@link #choose} would choose among the same candidates now. For explanations: allocates, and draws nothing. */
    Standing standing(Seats candidates, boolean stream);
}
