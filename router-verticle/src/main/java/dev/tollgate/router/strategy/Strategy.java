package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;

/** Picks one of several deployments that could all serve a call. */
public interface Strategy {

    /** Picks from the candidates, at least one. */
    Deployment choose(List<Deployment> candidates);
}
