package dev.tollgate.cluster.lease;

/**
 * What came of asking for more.
 *
 * @param verdict whether there is enough now
 * @param elsewhere what all others together have used, as far as it is known, or -1
 */
public record Outcome(Verdict verdict, long elsewhere) {

    /** Whether there is enough. */
    public enum Verdict {
        /** What was needed was added to the share. */
        ENOUGH,
        /** Others have the rest, and calls of theirs are under way that may give some back. */
        LATER,
        /** There is no more; what was left, if anything, was added to the share. */
        NO_MORE,
        /** Nobody could say: this node is cut off from the others, or they from the store. */
        UNKNOWN
    }

    static final Outcome UNKNOWN = new Outcome(Verdict.UNKNOWN, -1);
}
