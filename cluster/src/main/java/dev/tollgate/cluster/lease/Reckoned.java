package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Of whom the amount that a division began with holds everything: what a node spent that was here then or has come since is counted,
 * stored or not. With each node, how much of what it brought into the store for others ({@link Backlogs}) is in that amount.
 */
final class Reckoned {
    /** With more nodes than these, most of them gone, it is cheaper to begin anew. */
    private static final int MANY = 64;

    private final Map<String, Integer> nodes = new HashMap<>();

    /** The amount was read after each of these nodes had brought so much. */
    void begin(Map<String, Integer> asked) {
        nodes.clear();
        nodes.putAll(asked);
    }

    /** These have come. */
    void joined(Collection<String> come) {
        come.forEach(node -> nodes.putIfAbsent(node, 0));
    }

    /** Whether most of many are gone; {@code here}: how many are not. */
    boolean isLong(int here) {
        return nodes.size() > Math.max(MANY, 2 * here);
    }

    /** How much of what this node brought is counted. */
    int broughtBy(String node) {
        return nodes.getOrDefault(node, 0);
    }

    /** Whether it was here: {@code run} is its id, or how that begins. */
    boolean counts(String run) {
        return nodes.keySet().stream().anyMatch(node -> Backlogs.run(node).equals(Backlogs.run(run)));
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        nodes.forEach(json::put);
        return json;
    }

    /** What {@link #json} made. */
    void take(JsonObject json) {
        nodes.clear();
        json.forEach(each -> nodes.put(each.getKey(), ((Number) each.getValue()).intValue()));
    }
}
