package dev.tollgate.cluster;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
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
    private final Map<String, Cells> byDeployment = new ConcurrentHashMap<>();

    private record Cells(AtomicReferenceArray<@Nullable LoadCells> all) {
        Cells(int size) {
            this(new AtomicReferenceArray<>(size));
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

    /** The lane's cell is in place before anybody could forget the others. */
    Load of(String deploymentId, int lane) {
        AtomicReference<@Nullable Load> made = new AtomicReference<>();
        byDeployment.compute(deploymentId, (_, known) -> {
            Cells cells = known == null ? new Cells(lanes + 1) : known;
            made.set(new Load(cells.all(), lane));
            return cells;
        });
        Load load = Objects.requireNonNull(made.get());
        if (shared) {
            load.share();
        }
        return load;
    }

    /** The lane does not use the deployment any more. Once no lane does, only what other nodes have under way is kept. */
    void forget(String deploymentId, int lane) {
        byDeployment.computeIfPresent(deploymentId, (_, cells) -> {
            cells.all().set(lane, null);
            LoadCells others = cells.all().get(lanes);
            return used(cells) || others != null && !others.isEmpty() ? cells : null;
        });
    }

    private boolean used(Cells cells) {
        for (int i = 0; i < lanes; i++) {
            if (cells.all().get(i) != null) {
                return true;
            }
        }
        return false;
    }

    /** Whether a lane of this node uses the deployment. */
    boolean used(String deploymentId) {
        Cells cells = byDeployment.get(deploymentId);
        return cells != null && used(cells);
    }

    /** Deployments that a lane of this node uses. */
    List<String> deployments() {
        return byDeployment.entrySet().stream()
                .filter(each -> used(each.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How many deployments anything is known of. */
    int known() {
        return byDeployment.size();
    }

    /** What this node's lanes counted in this minute. */
    Counts counts(String deploymentId, long nowMillis) {
        Cells known = byDeployment.get(deploymentId);
        Counts sum = new Counts(nowMillis / Counts.MINUTE_MILLIS, 0, 0, 0, 0);
        for (int i = 0; known != null && i < lanes; i++) {
            LoadCells cells = known.all().get(i);
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
        byDeployment.compute(deploymentId, (_, known) -> {
            if (counts.isEmpty() && (known == null || !used(known))) {
                return null;
            }
            Cells cells = known == null ? new Cells(lanes + 1) : known;
            LoadCells others = cells.all().get(lanes);
            if (others == null) {
                others = new LoadCells();
                cells.all().set(lanes, others);
            }
            others.put(counts);
            return cells;
        });
    }
}
