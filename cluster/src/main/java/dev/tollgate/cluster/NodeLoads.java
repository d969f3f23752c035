package dev.tollgate.cluster;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where the lanes of a node find each other's counters, and those of other nodes. Asked once by each lane for each deployment, never
 * for a call: a lane keeps what it was given. Made by the launcher, one for the node.
 */
public final class NodeLoads {
    private final int lanes;
    private final boolean shared;

    private final Map<String, Shared> byDeployment = new ConcurrentHashMap<>();

    /** The counters, and which lanes use them: 1 for each that does. */
    private record Shared(LoadCells cells, AtomicIntegerArray lanes) {
        Shared(int lanes) {
            this(new LoadCells(), new AtomicIntegerArray(lanes));
        }

        boolean used() {
            for (int i = 0; i < lanes.length(); i++) {
                if (lanes.get(i) != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** For so many lanes of a node that stands alone. */
    public NodeLoads(int lanes) {
        this(lanes, false);
    }

    /** {@code shared}: whether measurements are told to other lanes and nodes. */
    public NodeLoads(int lanes, boolean shared) {
        this.lanes = lanes;
        this.shared = shared;
    }

    /** The lane is known to use them before anybody could forget them. */
    Load of(String deploymentId, int lane) {
        AtomicReference<@Nullable Load> made = new AtomicReference<>();
        byDeployment.compute(deploymentId, (_, known) -> {
            Shared one = known == null ? new Shared(lanes) : known;
            one.lanes().set(lane, 1);
            made.set(new Load(one.cells()));
            return one;
        });
        Load load = Objects.requireNonNull(made.get());
        if (shared) {
            load.share();
        }
        return load;
    }

    /** The lane does not use the deployment any more. Once no lane does, only what other nodes have under way is kept. */
    void forget(String deploymentId, int lane) {
        byDeployment.computeIfPresent(deploymentId, (_, known) -> {
            known.lanes().set(lane, 0);
            if (known.used()) {
                return known;
            }
            return known.cells().alone() ? null : known;
        });
    }

    /** Whether a lane of this node uses the deployment. */
    boolean used(String deploymentId) {
        Shared known = byDeployment.get(deploymentId);
        return known != null && known.used();
    }

    /** Deployments that a lane of this node uses. */
    List<String> deployments() {
        return byDeployment.entrySet().stream()
                .filter(each -> each.getValue().used())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How many deployments anything is known of. */
    int known() {
        return byDeployment.size();
    }

    /** What this node's lanes counted in this minute. */
    Counts counts(String deploymentId, long nowMillis) {
        Shared known = byDeployment.get(deploymentId);
        return known == null
                ? new Counts(nowMillis / Counts.MINUTE_MILLIS, 0, 0, 0, 0)
                : known.cells().own(nowMillis);
    }

    /** What all other nodes counted, from one thread only. */
    void others(String deploymentId, Counts counts) {
        byDeployment.compute(deploymentId, (_, known) -> {
            if (counts.isEmpty() && (known == null || !known.used())) {
                return null;
            }
            Shared one = known == null ? new Shared(lanes) : known;
            one.cells().others(counts);
            return one;
        });
    }
}
