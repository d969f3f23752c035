package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Map;

/**
 * What was spent of a total before its owner divided it: what the store said, or a guess where it did not answer. A guess is known to nobody
 * but who made it, and the store is asked again as soon as that may help.
 *
 * <p>While it is not known, the amount is what was known last: the least that it can be, because a total's name tells of which period it is,
 * and within that nothing spent is taken back. Only a guess goes by it: what the store says may be less, where something was counted twice or
 * calls were priced again.
 */
final class Earlier {
    private final Reckoned reckoned = new Reckoned();
    private final Guess guess;
    private boolean known;
    private boolean doubtful;
    private boolean misses;
    private boolean lacks;
    private long amount;

    Earlier(Timing timing) {
        this.guess = new Guess(timing);
    }

    boolean known() {
        return known;
    }

    /** Where it is not {@link #known}, the least that it can be. */
    long amount() {
        return amount;
    }

    Reckoned reckoned() {
        return reckoned;
    }

    /** From now on no more is known than the least that it can be. */
    void close() {
        known = false;
    }

    /** Others went on without this node, and what anybody spent meanwhile is not counted here. */
    void distrust() {
        known = false;
        reckoned.begin(Map.of());
    }

    /** The store has said so. {@code asked}: whose spend is in it, with so much of what they brought. */
    void found(long spent, Map<String, Integer> asked) {
        amount = spent;
        known = true;
        doubtful = false;
        misses = false;
        lacks = false;
        guess.over();
        reckoned.begin(asked);
    }

    /** The store did not answer for so long. That many loads had been brought before. */
    void guessed(long spent, long tookNanos, long now, int loads) {
        amount = spent;
        known = true;
        guess.made(tookNanos, now, loads);
    }

    /** So much more was spent by a node that has left. */
    void add(long spent) {
        amount += spent;
    }

    /** These have come: from now on what they spend counts. */
    void joined(Collection<String> nodes) {
        reckoned.joined(nodes);
        doubtful |= reckoned.isLong(nodes.size());
    }

    /** Something was stored that it does not hold, and nobody else counts. That cannot wait. */
    void lacksSome() {
        lacks = true;
    }

    /** Whether something came into the store that it does not hold. */
    boolean lacks(Backlogs backlogs) {
        return lacks || backlogs.exceed(reckoned);
    }

    /** It may count something twice; it is found out anew when nothing can be missed by that. */
    void doubt() {
        doubtful = true;
    }

    boolean doubtful() {
        return doubtful;
    }

    /** Something may have been spent that nobody here knew of. It is found out anew, and another owner does so first of all. */
    void misses() {
        doubtful = true;
        misses = true;
    }

    /**
     * Whether it is found out before anything is given away.
     *
     * @param outlived whether nothing can be missed by that, and nothing counts twice. A guess does not wait for that, nor does what is
     *     lacking: too much for a while is better than what nobody knows
     */
    boolean isToBeFoundOut(boolean outlived, long now, Backlogs backlogs) {
        return (outlived || guess.isMade() || lacks(backlogs)) && !guess.holds(now, backlogs.count());
    }

    /** Whether another owner may go by it. */
    boolean isForOthers() {
        return known && !misses && !lacks && !guess.isMade();
    }

    /** An owner before knew no more than that either. */
    void inheritLeast(long spent) {
        amount = known ? amount : Math.max(amount, spent);
    }

    /** What an owner before knew, and whether it doubted that. */
    void inherit(long spent, JsonObject of, boolean doubted) {
        amount = spent;
        known = true;
        guess.over();
        reckoned.take(of);
        doubtful |= doubted;
    }
}
