package dev.tollgate.accounting.ledger;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ids of the contexts that were seen lately; more than a batch can have. */
final class ContextIds {
    private static final int REMEMBERED = 4_096;

    private final Map<Context, Long> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Context, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    @Nullable Long get(Context context) {
        return known.get(context);
    }

    void put(Context context, long id) {
        known.put(context, id);
    }

    /** A transaction was undone, or the store is another: what was new may be gone. */
    void forget() {
        known.clear();
    }
}
