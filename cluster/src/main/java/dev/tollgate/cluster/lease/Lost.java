package dev.tollgate.cluster.lease;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who divided totals and is not here any more, as long as somebody may use what it was given then. */
final class Lost {
    private final Timing timing;
    private final Map<View, Long> untilNanos = new HashMap<>();

    Lost(Timing timing) {
        this.timing = timing;
    }

    /**
     * These nodes, and no others, are here.
     *
     * @param before who may have divided until now
     */
    void allHere(View view, List<Memory> before, long now) {
        untilNanos.values().removeIf(until -> now - until >= 0);
        for (Memory memory : before) {
            if (!view.nodes().containsAll(memory.nodes())) {
                untilNanos.put(
                        View.of(memory.nodes()),
                        now + timing.standing().plus(timing.margin()).toNanos());
            }
        }
    }

    /** Whether a total was owned by a node that is gone, with the one that would have been next, and their shares may be in use. */
    boolean knew(Meter meter, View view, long now) {
        untilNanos.values().removeIf(until -> now - until >= 0);
        return untilNanos.keySet().stream()
                .anyMatch(then -> !view.nodes().contains(then.owner(meter))
                        && !view.nodes().contains(String.valueOf(then.second(meter))));
    }
}
