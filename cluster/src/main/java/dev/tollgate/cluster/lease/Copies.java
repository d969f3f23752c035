package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonArray;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What other nodes own, as they have told this one, which would own it next. Where nodes come, another may be the one that is told; this
 * one keeps what it knows until that one has been told, for an owner that is gone before has told nobody else.
 */
final class Copies {
    private final Map<Meter, Copy> copies = new HashMap<>();

    private record Copy(String owner, JsonArray state) {}

    /** What an owner tells. */
    void put(String owner, JsonArray states) {
        for (Object each : states) {
            JsonArray state = (JsonArray) each;
            copies.put(Meter.of(state.getString(0)), new Copy(owner, state));
        }
    }

    void clear() {
        copies.clear();
    }

    /** What owners that are gone had told is somebody's own from now on. */
    void inherit(Set<String> gone, BiConsumer<Meter, JsonArray> heir) {
        Iterator<Map.Entry<Meter, Copy>> all = copies.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Meter, Copy> each = all.next();
            if (gone.contains(each.getValue().owner())) {
                heir.accept(each.getKey(), each.getValue().state());
                all.remove();
            }
        }
    }

    /** Nodes have come with stores of their own, which may know of more than was counted here. */
    void close() {
        copies.values().forEach(copy -> Division.closed(copy.state()));
    }

    /**
     * All have heard of each other's past, so from now on totals may be divided without a word to this node where another is told, and
     * what was stored meanwhile may be in none of the amounts.
     */
    void allHere(View view, String self, Backlogs backlogs) {
        copies.forEach((meter, copy) -> {
            Reckoned reckoned = new Reckoned();
            reckoned.take(Division.reckoned(copy.state()));
            if (!isOf(view, self, meter, copy) || backlogs.exceed(reckoned)) {
                Division.closed(copy.state());
            }
        });
    }

    /** All have divided for a while, and told whoever would own their totals next. */
    void only(View view, String self) {
        copies.entrySet().removeIf(each -> !isOf(view, self, each.getKey(), each.getValue()));
    }

    private static boolean isOf(View view, String self, Meter meter, Copy copy) {
        return view.owner(meter).equals(copy.owner()) && self.equals(view.second(meter));
    }
}
