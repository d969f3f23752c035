package dev.tollgate.accounting.limit;

import dev.tollgate.cluster.lease.Outcome;
import dev.tollgate.cluster.lease.Share;
import java.util.ArrayList;
import java.util.List;

/** What this node may use of one divided quantity of a {@link MinuteWindow}, under the window's lock. */
final class Portion implements Share {
    /** So long an answer of the other nodes holds. */
    private static final long NO_MORE_MILLIS = 100;

    private static final long UNKNOWN_MILLIS = 1_000;

    private final MinuteWindow window;
    private final Quantity quantity;
    private final Dividing dividing;
    private final List<Runnable> askers = new ArrayList<>(0);
    private long granted;
    private long total = -1;
    private long elsewhere;
    private boolean asking;

    /** Of all who have come since others were asked last. */
    private long needed;

    private Outcome.Verdict verdict = Outcome.Verdict.ENOUGH;
    private long verdictUntilMillis;

    Portion(MinuteWindow window, Quantity quantity, Dividing dividing) {
        this.window = window;
        this.quantity = quantity;
        this.dividing = dividing;
    }

    /** Whether there is room for more. */
    enum Room {
        ENOUGH,
        /** Others may have more: see {@link Portion#ask}. */
        ASK,
        NO_MORE,
        /** Nobody can say. */
        UNKNOWN
    }

    /** Whether so much more may be used, of so much that all nodes may use together. */
    Room room(long need, long ofAll) {
        synchronized (window) {
            if (total != ofAll) {
                total = ofAll;
                granted = Math.min(granted, used());
                verdict = Outcome.Verdict.ENOUGH;
            }
            if (granted - used() >= need && dividing.stands()) {
                return Room.ENOUGH;
            }
            if (asking || verdict == Outcome.Verdict.ENOUGH || dividing.elapsedMillis() >= verdictUntilMillis) {
                return Room.ASK;
            }
            return verdict == Outcome.Verdict.UNKNOWN ? Room.UNKNOWN : Room.NO_MORE;
        }
    }

    /** Asks the others; {@code again} runs on some thread when they have answered. */
    void ask(long need, Runnable again) {
        synchronized (window) {
            askers.add(again);
            needed += need;
            if (!asking) {
                asking = true;
                long missing = Math.max(1, needed - Math.max(0, granted - used()));
                needed = 0;
                dividing.more(Meters.rate(dividing.holder(), quantity), missing, total, this::answered);
            }
        }
    }

    private void answered(Outcome outcome) {
        List<Runnable> again;
        synchronized (window) {
            asking = false;
            again = List.copyOf(askers);
            askers.clear();
            verdict = outcome.verdict();
            verdictUntilMillis = dividing.elapsedMillis()
                    + switch (verdict) {
                        case ENOUGH -> 0;
                        case LATER, NO_MORE -> NO_MORE_MILLIS;
                        case UNKNOWN -> UNKNOWN_MILLIS;
                    };
            if (outcome.elsewhere() >= 0) {
                elsewhere = outcome.elsewhere();
            }
        }
        again.forEach(Runnable::run);
    }

    /** What all others use, as far as is known. */
    long elsewhere() {
        synchronized (window) {
            return elsewhere;
        }
    }

    /** What is granted and not in use. */
    long free() {
        synchronized (window) {
            return granted - used();
        }
    }

    private long used() {
        return window.used(quantity, dividing.millis());
    }

    @Override
    public State state() {
        synchronized (window) {
            return new State(granted, Math.max(0, used()), false);
        }
    }

    @Override
    public void grow(long by) {
        synchronized (window) {
            granted += by;
        }
    }

    @Override
    public State shrink() {
        synchronized (window) {
            granted = Math.min(granted, Math.max(0, used()));
            return state();
        }
    }

    /** What a window counts is in no store. */
    @Override
    public Opening open() {
        return new Opening(state(), 0, 0, 0);
    }
}
