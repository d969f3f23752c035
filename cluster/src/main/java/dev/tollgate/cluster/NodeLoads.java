package dev.tollgate.cluster;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Where the lanes of a node find each other's counters, and those of other nodes. Asked once by each lane for each deployment, never
 * for a call: a lane keeps what it was given. Made by the launcher, one for the node.
 */
public final class NodeLoads {
    private final int lanes;
    private final boolean shared;

    /** A cell of each lane, and behind them one with what all other nodes counted together. */
    private final Map<String, AtomicReferenceArray<@Nullable LoadCells>> byDeployment = new ConcurrentHashMap<>();

    /** For so many lanes of a node that stands alone. */
    public NodeLoads(int lanes) {
        this(lanes, false);
    }

    /** {@code shared}: whether measurements are told to other lanes and nodes. */
    public NodeLoads(int lanes, boolean shared) {
        this.lanes = lanes;
        this.shared = shared;
    }

    private AtomicReferenceArray<@Nullable LoadCells> cells(String deploymentId) {
        return byDeployment.computeIfAbsent(deploymentId, _ -> new AtomicReferenceArray<>(lanes + 1));
    }

    Load of(String deploymentId, int lane) {
        Load load = new Load(cells(deploymentId), lane);
        if (shared) {
            load.share();
        }
        return load;
    }

    /** Deployments that a lane of this node has used. */
    Set<String> deployments() {
        return byDeployment.keySet();
    }

    /** What this node's lanes counted in this minute. */
    Counts counts(String deploymentId, long nowMillis) {
        AtomicReferenceArray<@Nullable LoadCells> all = cells(deploymentId);
        Counts sum = new Counts(nowMillis / Counts.MINUTE_MILLIS, 0, 0, 0, 0);
        for (int i = 0; i < lanes; i++) {
            LoadCells cells = all.get(i);
            if (cells != null) {
                sum = sum.plus(new Counts(
                        sum.minute(),
                        cells.inFlight(),
                        cells.begun(nowMillis),
                        cells.succeededIn(nowMillis),
                        cells.tokens(nowMillis)));
            }
        }
        return sum;
    }

    /** What all other nodes counted, from one thread only. */
    void others(String deploymentId, Counts counts) {
        AtomicReferenceArray<@Nullable LoadCells> all = cells(deploymentId);
        LoadCells others = all.get(lanes);
        if (others == null) {
            others = new LoadCells();
            all.set(lanes, others);
        }
        others.put(counts);
    }
}
