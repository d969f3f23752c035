package dev.tollgate.accounting.ledger;

import java.util.List;
import java.util.UUID;

/**
 * An alert that several nodes may know of, and one of them sends.
 *
 * @param id what it is known by, the same on all nodes
 * @param text all that a node needs to send it
 */
public record PostedAlert(UUID id, String text) {
    /** {@code about}: what tells it from other alerts. */
    public static UUID id(List<String> about) {
        return RequestId.uuid(Digest.of(List.copyOf(about), ""));
    }
}
