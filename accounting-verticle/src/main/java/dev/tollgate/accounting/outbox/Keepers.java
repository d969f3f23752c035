package dev.tollgate.accounting.outbox;

import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which other node should keep copies of this one's spend: the next after it in the ring that the ids of all nodes with accounting
 * make, so that each node keeps those of one other. Nodes that refused or were silent are passed over for a minute; where there is no
 * other, they are asked again after two seconds.
 */
final class Keepers {
    private static final long AVOIDED_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long AGAIN_NANOS = Duration.ofSeconds(2).toNanos();

    private final Peers peers;
    private final Map<String, Long> failedAt = new HashMap<>();

    Keepers(Peers peers) {
        this.peers = peers;
    }

    /** All other nodes with accounting, the next in the ring first; none while this node is no member. */
    List<Peer> others() {
        if (peers.state() != Peers.State.JOINED) {
            return List.of();
        }
        String self = peers.self();
        List<Peer> sorted = peers.all().stream()
                .filter(peer -> !peer.id().equals(self) && peer.roles().contains(Role.ACCOUNTING))
                .sorted(Comparator.comparing(Peer::id))
                .toList();
        return Stream.concat(
                        sorted.stream().filter(peer -> peer.id().compareTo(self) > 0),
                        sorted.stream().filter(peer -> peer.id().compareTo(self) < 0))
                .toList();
    }

    /** Whom to ask now, if anybody. */
    @Nullable Peer best(List<Peer> others, long now) {
        failedAt.keySet().retainAll(others.stream().map(Peer::id).toList());
        Peer longestAgo = null;
        for (Peer peer : others) {
            Long failed = failedAt.get(peer.id());
            if (failed == null || now - failed >= AVOIDED_NANOS) {
                return peer;
            }
            if (longestAgo == null || failed - failedAt.getOrDefault(longestAgo.id(), now) < 0) {
                longestAgo = peer;
            }
        }
        return longestAgo != null && now - failedAt.getOrDefault(longestAgo.id(), now) >= AGAIN_NANOS
                ? longestAgo
                : null;
    }

    /** It refused, or did not answer. */
    void failed(String id, long now) {
        failedAt.put(id, now);
    }

    /** It took what it was sent. */
    void worked(String id) {
        failedAt.remove(id);
    }
}
