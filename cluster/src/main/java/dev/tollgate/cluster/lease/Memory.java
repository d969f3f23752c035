package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonArray;
import java.util.List;

/**
 * Nodes that divided totals together, or were about to.
 *
 * @param epoch which time that was; nobody can have divided at a later one without half of the nodes of this one
 * @param nodes oldest first
 */
record Memory(long epoch, List<String> nodes) {
    static final Memory NONE = new Memory(0, List.of());

    Memory {
        nodes = List.copyOf(nodes);
    }

    /** One has left in good order: the others are fewer. */
    Memory without(String node) {
        return new Memory(
                epoch, nodes.stream().filter(each -> !each.equals(node)).toList());
    }

    JsonArray row() {
        return new JsonArray().add(epoch).add(new JsonArray(nodes));
    }

    static Memory of(JsonArray row) {
        return new Memory(
                row.getLong(0),
                row.getJsonArray(1).stream().map(String.class::cast).toList());
    }
}
