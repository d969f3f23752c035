package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that divide totals, as one of them sees it. Who owns which total follows from the nodes alone: each node has a weight for
 * it (rendezvous hashing), the heaviest owns it, the second is ready to, so that without the heaviest it does.
 *
 * @param id the same wherever the nodes are the same
 * @param nodes their ids, oldest first
 * @param turn higher each time this node begins to divide anew: what was asked before is not answered after. Nodes that see each other
 *     come to the same one
 */
record View(String id, List<String> nodes, int turn) {
    static final View NONE = new View("", List.of(), 0);

    View at(int begun) {
        return new View(id, nodes, begun);
    }

    /**
     * A node that does not listen yet does not count: all would wait for what it has to say. It cannot have divided anything with anybody
     * since it came, and divides nothing before all others have told it what they have. {@code leaving}: nodes that are still there, but
     * have said goodbye.
     */
    static View of(Peers peers, Set<String> leaving) {
        return peers.state() != Peers.State.JOINED
                ? NONE
                : of(peers.listening().stream()
                        .filter(peer -> peer.roles().contains(Role.ACCOUNTING))
                        .map(Peer::id)
                        .filter(id -> !leaving.contains(id))
                        .toList());
    }

    static View of(List<String> nodes) {
        String all = String.join("\n", nodes.stream().sorted().toList());
        return nodes.isEmpty()
                ? NONE
                : new View(
                        UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8))
                                .toString(),
                        List.copyOf(nodes),
                        0);
    }

    String owner(Meter meter) {
        return String.valueOf(heaviest(meter, null));
    }

    /** Who would own it next; null: there is nobody else. */
    @Nullable String second(Meter meter) {
        return heaviest(meter, owner(meter));
    }

    private @Nullable String heaviest(Meter meter, @Nullable String but) {
        long of = hash(meter.wire());
        String found = null;
        long most = Long.MIN_VALUE;
        for (String node : nodes) {
            long weight = mixed(of ^ hash(node));
            if (!node.equals(but) && (found == null || weight > most)) {
                found = node;
                most = weight;
            }
        }
        return found;
    }

    /** FNV-1a: String's own hash has too few bits to tell many apart. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The last step of MurmurHash3, after which each bit depends on all. */
    private static long mixed(long bits) {
        long z = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }
}
