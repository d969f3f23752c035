package dev.tollgate.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Where the lanes of a node find each other's counters. Asked once by each lane for each deployment, never for a call: a lane keeps
 * what it was given. Made by the launcher, one for the node; a cluster adds a column that holds the sum of the other nodes.
 */
public final class NodeLoads {
    private final int lanes;
    private final Map<String, AtomicReferenceArray<@Nullable LoadCells>> byDeployment = new ConcurrentHashMap<>();

    /** For so many lanes. */
    public NodeLoads(int lanes) {
        this.lanes = lanes;
    }

    Load of(String deploymentId, int lane) {
        return new Load(byDeployment.computeIfAbsent(deploymentId, _ -> new AtomicReferenceArray<>(lanes)), lane);
    }
}
