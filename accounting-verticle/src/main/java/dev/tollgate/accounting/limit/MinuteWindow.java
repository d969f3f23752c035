package dev.tollgate.accounting.limit;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requests and tokens of the last minute, and calls under way, of one holder. The minute slides in steps of half a second, so that in no
 * 60 seconds more is admitted than the limit says; LiteLLM's window begins with the first request and lets twice as much through where
 * two of them meet. A clock that is put back moves no step back: the window goes on from where it was. Shared by all lanes; the lock is
 * held for a few additions.
 */
final class MinuteWindow {
    static final long STEP_MILLIS = 500;
    private static final int STEPS = 120;

    /** So far behind another's a lane's idea of the time may be. */
    private static final int LATE_STEPS = 2;

    /** One more than a minute has: what was counted at the end of a step leaves only when the whole minute is over. */
    private final long[] requests = new long[STEPS + 1];

    private final long[] tokens = new long[STEPS + 1];
    private long step = Long.MIN_VALUE;

    /** How many steps the window is ahead of the clock, which was put back so far. */
    private long ahead;

    private long requestSum;
    private long tokenSum;
    private long running;

    /** This node's parts of what nodes divide, by {@link Quantity}; none: all is this node's. */
    private final Map<Quantity, Portion> portions;

    /** One of a node that stands alone. */
    MinuteWindow() {
        portions = Map.of();
    }

    /** One whose limits nodes divide. */
    MinuteWindow(Dividing dividing) {
        portions = new EnumMap<>(Quantity.class);
        for (Quantity quantity : Quantity.values()) {
            portions.put(quantity, new Portion(this, quantity, dividing));
        }
    }

    /** Where this node's part of a divided quantity is counted; null: it is not divided. */
    @Nullable Portion portion(Quantity quantity) {
        return portions.get(quantity);
    }

    /** How much of it is used now. */
    synchronized long used(Quantity quantity, long nowMillis) {
        return switch (quantity) {
            case REQUESTS -> requests(nowMillis);
            case TOKENS -> tokens(nowMillis);
            case CALLS -> running;
        };
    }

    /** Requests counted in the last minute. */
    synchronized long requests(long nowMillis) {
        slide(nowMillis);
        return requestSum;
    }

    /** Tokens counted in the last minute, those set aside included. */
    synchronized long tokens(long nowMillis) {
        slide(nowMillis);
        return tokenSum;
    }

    /** Calls under way. */
    synchronized long running() {
        return running;
    }

    /** Counts a call that begins; answers the step that its tokens were counted in. */
    synchronized long begin(long nowMillis, long setAside) {
        slide(nowMillis);
        int slot = slot(step);
        requests[slot]++;
        requestSum++;
        tokens[slot] += setAside;
        tokenSum += setAside;
        running++;
        return step;
    }

    /** A call ended: the tokens that it used take the place of those set aside, if they still count. */
    synchronized void end(long nowMillis, long begun, long setAside, long used) {
        slide(nowMillis);
        running--;
        if (step - begun <= STEPS) {
            tokens[slot(begun)] += used - setAside;
            tokenSum += used - setAside;
        } else {
            // A long call's tokens count when they are known; they were not counted before.
            tokens[slot(step)] += used;
            tokenSum += used;
        }
    }

    /** A call that was counted is not made after all. */
    synchronized void undo(long nowMillis, long begun, long setAside) {
        end(nowMillis, begun, setAside, 0);
        if (step - begun <= STEPS) {
            requests[slot(begun)]--;
            requestSum--;
        }
    }

    /** How long until something counted now leaves the minute, in milliseconds; at most 60,000 and a step. */
    synchronized long untilFreed(long nowMillis, boolean ofTokens) {
        slide(nowMillis);
        long[] counted = ofTokens ? tokens : requests;
        for (long at = step - STEPS; at <= step; at++) {
            if (counted[slot(at)] > 0) {
                return Math.max(1, (at + STEPS + 1 - ahead) * STEP_MILLIS - nowMillis);
            }
        }
        return STEP_MILLIS;
    }

    private void slide(long nowMillis) {
        long now = Math.floorDiv(nowMillis, STEP_MILLIS) + ahead;
        if (now < step - LATE_STEPS && step != Long.MIN_VALUE) {
            // What was counted stays so for a minute, not until the clock is there again.
            ahead += step - now;
            now = step;
        }
        if (step == Long.MIN_VALUE || now - step > STEPS) {
            Arrays.fill(requests, 0);
            Arrays.fill(tokens, 0);
            requestSum = 0;
            tokenSum = 0;
            step = now;
            return;
        }
        while (step < now) {
            step++;
            int slot = slot(step);
            requestSum -= requests[slot];
            tokenSum -= tokens[slot];
            requests[slot] = 0;
            tokens[slot] = 0;
        }
    }

    private static int slot(long step) {
        return (int) Math.floorMod(step, (long) STEPS + 1);
    }
}
