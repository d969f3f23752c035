package dev.tollgate.accounting.limit;

import dev.tollgate.cluster.lease.Outcome;
import dev.tollgate.cluster.lease.Share;
import java.util.List;

/** What this node may use of one divided quantity of a {@link MinuteWindow}, under the window's lock. */
final class Portion implements Share {
    private final MinuteWindow window;
    private final Quantity quantity;
    private final Dividing dividing;
    private final Inquiry inquiry;
    private long granted;
    private long total = -1;
    private long elsewhere;
    /** Of all who have come since others were asked last. */
    private long needed;

    Portion(MinuteWindow window, Quantity quantity, Dividing dividing) {
        this.window = window;
        this.quantity = quantity;
        this.dividing = dividing;
        this.inquiry = new Inquiry(dividing);
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
                inquiry.forget();
            }
            if (granted - used() >= need && dividing.stands()) {
                return Room.ENOUGH;
            }
            return switch (inquiry.verdict()) {
                case ENOUGH -> Room.ASK;
                // Rates are not waited for.
                case LATER, NO_MORE -> Room.NO_MORE;
                case UNKNOWN -> Room.UNKNOWN;
            };
        }
    }

    /** Asks the others; {@code again} runs on some thread when they have answered. */
    void ask(long need, Runnable again) {
        synchronized (window) {
            inquiry.hear(again);
            needed += need;
            if (!inquiry.asking()) {
                long missing = Math.max(1, needed - Math.max(0, granted - used()));
                needed = 0;
                inquiry.begin(Meters.rate(dividing.holder(), quantity), missing, total, this::answered);
            }
        }
    }

    private void answered(Outcome outcome) {
        List<Runnable> again;
        synchronized (window) {
            again = inquiry.end(outcome);
            // Whoever of them still needs it says so again.
            needed = 0;
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
