package dev.tollgate.accounting.limit;

import dev.tollgate.cluster.lease.Meter;
import dev.tollgate.cluster.lease.Outcome;
import dev.tollgate.cluster.lease.Outcome.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Whether other nodes are being asked for more of one total, who wants to hear of it, and what they answered last. Used under the lock
 * of what it belongs to.
 */
final class Inquiry {
    /** For so long an answer holds: nobody asks a hundred times what was answered a moment ago. */
    static final long LATER_MILLIS = 40;

    private static final long NO_MORE_MILLIS = 100;
    private static final long UNKNOWN_MILLIS = 1_000;

    private final Dividing dividing;
    private final List<Runnable> askers = new ArrayList<>(0);
    private boolean asking;
    private Verdict verdict = Verdict.ENOUGH;
    private long untilMillis;

    Inquiry(Dividing dividing) {
        this.dividing = dividing;
    }

    /** What was answered last, as long as that holds; {@link Verdict#ENOUGH}: asking may help, or is under way. */
    Verdict verdict() {
        return asking || dividing.elapsedMillis() >= untilMillis ? Verdict.ENOUGH : verdict;
    }

    /** What was answered is of something else. */
    void forget() {
        verdict = Verdict.ENOUGH;
    }

    boolean asking() {
        return asking;
    }

    /** Runs when the answer has come, without the lock. */
    void hear(Runnable again) {
        askers.add(again);
    }

    /** Asks, when nobody does yet; {@code answered} takes the lock and calls {@link #end}. */
    void begin(Meter meter, long need, long total, Consumer<Outcome> answered) {
        asking = true;
        dividing.more(meter, need, total, answered);
    }

    /** It is answered. Gives those who want to hear of it. */
    List<Runnable> end(Outcome outcome) {
        asking = false;
        verdict = outcome.verdict();
        untilMillis = dividing.elapsedMillis()
                + switch (verdict) {
                    case ENOUGH -> 0;
                    case LATER -> LATER_MILLIS;
                    case NO_MORE -> NO_MORE_MILLIS;
                    case UNKNOWN -> UNKNOWN_MILLIS;
                };
        List<Runnable> all = List.copyOf(askers);
        askers.clear();
        return all;
    }
}
