package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What each node has brought into the store for runs that are over: what a killed run had left on its disk, or what this node kept for one
 * that is gone. Of each such load only the runs are told, in the order in which loads were stored. Whoever divides an amount that was
 * read when those runs were given up already, and before the load was stored, must read it again.
 *
 * <p>A node tells its loads to every other, with what it has whenever the nodes change, and by itself until all have answered. So
 * whoever owns a total next has heard of them before it divides. Here everything runs on one event loop.
 */
final class Backlogs {
    static final String TELL = "lease.brought";

    /** So many characters of a node's id tell runs from each other. */
    private static final int RUN = 8;

    private final Wire wire;
    private final Timing timing;
    private final Map<String, List<Set<String>>> loads = new HashMap<>();
    private final List<Set<String>> own = new ArrayList<>();
    private final List<Promise<Void>> untold = new ArrayList<>();

    /** How many of this node's loads the others know. */
    private final Map<String, Integer> heard = new HashMap<>();

    Backlogs(Wire wire, Timing timing) {
        this.wire = wire;
        this.timing = timing;
        loads.put(wire.self(), own);
    }

    /** What stands for the run in which a node has this id. */
    static String run(String id) {
        return id.substring(0, Math.min(RUN, id.length()));
    }

    /** This node has stored what those had left. Done when all nodes know. */
    Future<Void> add(Set<String> runs) {
        Promise<Void> told = Promise.promise();
        own.add(Set.copyOf(runs));
        untold.add(told);
        return told.future();
    }

    /** How many loads this node has stored. */
    int stored() {
        return own.size();
    }

    /** How many loads all nodes have stored, as far as is known here. */
    int count() {
        return loads.values().stream().mapToInt(List::size).sum();
    }

    /** Of this node, for others. */
    JsonArray rows() {
        JsonArray rows = new JsonArray();
        own.forEach(runs -> rows.add(new JsonArray(List.copyOf(new TreeSet<>(runs)))));
        return rows;
    }

    /** All loads of another node until now. */
    void heard(String node, JsonArray rows) {
        if (!node.equals(wire.self())) {
            List<Set<String>> all = new ArrayList<>();
            for (Object each : rows) {
                Set<String> runs = new TreeSet<>();
                ((JsonArray) each).forEach(run -> runs.add(String.valueOf(run)));
                all.add(runs);
            }
            // Letters may come in another order.
            loads.merge(node, all, (known, told) -> told.size() > known.size() ? told : known);
        }
    }

    /** Tells those of these nodes that have not heard of all loads yet. */
    void tell(Collection<String> nodes, JsonObject letter) {
        int count = own.size();
        letter.put("brought", rows());
        for (String node : nodes) {
            if (!node.equals(wire.self()) && heard.getOrDefault(node, 0) < count) {
                wire.ask(node, TELL, letter, timing.answer()).onSuccess(_ -> heard.merge(node, count, Math::max));
            }
        }
    }

    /** These nodes divide together; what all of them have heard is told. */
    void divided(Collection<String> nodes) {
        heard.keySet().retainAll(nodes);
        int all = nodes.stream()
                .filter(node -> !node.equals(wire.self()))
                .mapToInt(node -> heard.getOrDefault(node, 0))
                .min()
                .orElse(own.size());
        untold.subList(0, all).forEach(Promise::tryComplete);
    }

    /** Nodes that are gone bring nothing any more. */
    void only(Collection<String> nodes) {
        loads.keySet().removeIf(node -> !node.equals(wire.self()) && !nodes.contains(node));
    }

    /** Whether something was stored that an amount does not hold. */
    boolean exceed(Reckoned reckoned) {
        return loads.entrySet().stream().anyMatch(each -> {
            List<Set<String>> all = each.getValue();
            int counted = Math.min(all.size(), reckoned.broughtBy(each.getKey()));
            return all.subList(counted, all.size()).stream()
                    .flatMap(Set::stream)
                    .anyMatch(run -> !reckoned.counts(run));
        });
    }
}
