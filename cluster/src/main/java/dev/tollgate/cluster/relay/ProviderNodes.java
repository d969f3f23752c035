package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The nodes that play the provider role, as one lane of a node that does not sees them: who gets the next attempt. */
final class ProviderNodes {
    private final String self;

    /** Oldest first. */
    private Map<String, ProviderNode> nodes = new LinkedHashMap<>();

    private int turn;

    ProviderNodes(String self) {
        this.self = self;
    }

    /** Who is there now; whoever is not any more is {@code gone}. */
    void are(List<Peer> peers, long nowNanos, Consumer<ProviderNode> gone) {
        Map<String, ProviderNode> before = new HashMap<>(nodes);
        Map<String, ProviderNode> now = new LinkedHashMap<>();
        for (Peer peer : peers) {
            if (peer.roles().contains(Role.PROVIDER) && !peer.id().equals(self)) {
                ProviderNode known = before.remove(peer.id());
                now.put(peer.id(), known != null ? known : new ProviderNode(peer.id(), peer.name(), nowNanos));
            }
        }
        nodes = now;
        before.values().forEach(gone);
    }

    Iterable<ProviderNode> all() {
        return nodes.values();
    }

    @Nullable ProviderNode of(String id) {
        return nodes.get(id);
    }

    /** Whether there is any at all. */
    boolean none() {
        return nodes.isEmpty();
    }

    /**
     * The one with the least under way, of several such each in turn; null when there is none that answers. One that is about to go only
     * when there is no other.
     */
    @Nullable ProviderNode next(long nowNanos) {
        List<ProviderNode> best = new ArrayList<>();
        int bestRank = Integer.MAX_VALUE;
        for (ProviderNode node : nodes.values()) {
            if (!node.known() || node.silent(nowNanos)) {
                continue;
            }
            int rank = node.leaving() ? 1 : 0;
            if (rank < bestRank
                    || rank == bestRank && node.load() < best.getFirst().load()) {
                best.clear();
                bestRank = rank;
            }
            if (rank == bestRank
                    && (best.isEmpty() || node.load() == best.getFirst().load())) {
                best.add(node);
            }
        }
        return best.isEmpty() ? null : best.get(Math.floorMod(turn++, best.size()));
    }

    /** Whether any answers. */
    boolean reachable(long nowNanos) {
        for (ProviderNode node : nodes.values()) {
            if (node.known() && !node.silent(nowNanos)) {
                return true;
            }
        }
        return false;
    }

    /** The oldest that can be reached: for what must be asked of one of them, always the same; or null. */
    @Nullable ProviderNode oldest(long nowNanos) {
        for (ProviderNode node : nodes.values()) {
            if (node.known() && !node.silent(nowNanos) && !node.leaving()) {
                return node;
            }
        }
        return next(nowNanos);
    }
}
