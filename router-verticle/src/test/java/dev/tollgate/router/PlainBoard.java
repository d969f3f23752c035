package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** A load board of one lane, without an event loop. */
public final class PlainBoard implements LoadBoard {
    final Map<String, Long> cooled = new HashMap<>();
    private final Map<String, Load> loads = new HashMap<>();
    private final Function<String, Load> first;

    public PlainBoard() {
        this(_ -> new Load());
    }

    /** Of one lane of several: where its figures come from. */
    PlainBoard(Function<String, Load> first) {
        this.first = first;
    }

    @Override
    public Load load(String deploymentId) {
        return loads.computeIfAbsent(deploymentId, first);
    }

    @Override
    public void cool(String deploymentId, long untilMillis) {
        cooled.put(deploymentId, untilMillis);
        load(deploymentId).coolUntil(untilMillis);
    }

    /** Everything is as on the first day. */
    void forget() {
        cooled.clear();
        loads.clear();
    }
}
