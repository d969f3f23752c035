package dev.tollgate.cluster;

import java.util.List;
import java.util.Map;

/**
 * Who has answered an announcement to all nodes.
 *
 * @param answers what the others answered, by node
 * @param silent those who did not answer in time, or could not do it
 */
public record Receipt(Map<Peer, Letter> answers, List<Peer> silent) {
    /** Of a node that has nobody to tell. */
    public static final Receipt NOBODY = new Receipt(Map.of(), List.of());

    public Receipt {
        answers = Map.copyOf(answers);
        silent = List.copyOf(silent);
    }
}
