package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Whether enough others answer this node that none can take it for lost. It stands for a while after so many had answered that fewer
 * than half are left who had not: a part that goes on without this node has at least half of those it divides with, so one of them had
 * answered, and saw other nodes only after that. What this node has is given to others a while after all of them do.
 */
final class Standing {
    private final Wire wire;
    private final Timing timing;
    private final LongSupplier nanos;
    private final Map<String, Long> heardNanos = new HashMap<>();
    private View view = View.NONE;
    private volatile long untilNanos;

    Standing(Wire wire, Timing timing, LongSupplier nanos) {
        this.wire = wire;
        this.timing = timing;
        this.nanos = nanos;
        this.untilNanos = nanos.getAsLong();
    }

    /** The nodes are others now. */
    void install(View next) {
        view = next;
        heardNanos.clear();
        long now = nanos.getAsLong();
        next.nodes().forEach(node -> heardNanos.put(node, now));
    }

    /** Asks each for a sign of life. */
    void ask(String topic, JsonObject letter) {
        View asking = view;
        long now = nanos.getAsLong();
        for (String node : view.nodes()) {
            if (node.equals(wire.self())) {
                heardNanos.put(node, now);
            } else {
                wire.ask(node, topic, letter, timing.answer()).onSuccess(_ -> {
                    if (view.equals(asking)) {
                        heardNanos.put(node, now);
                    }
                });
            }
        }
    }

    /** These nodes divide totals, this one among them. */
    void renew() {
        List<Long> heardLast =
                heardNanos.values().stream().sorted(Comparator.reverseOrder()).toList();
        if (!heardLast.isEmpty()) {
            untilNanos = heardLast.get(heardLast.size() / 2) + timing.standing().toNanos();
        }
    }

    /** From any thread. */
    boolean holds() {
        return nanos.getAsLong() - untilNanos < 0;
    }
}
