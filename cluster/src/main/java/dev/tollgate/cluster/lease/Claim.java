package dev.tollgate.cluster.lease;

/**
 * A node's share, as far as the owner knows.
 *
 * @param state what it has said, and what it was given since then
 * @param grants how many answers with something in them it was sent
 * @param shrinks how often it had given something up when it said so
 * @param grantedNanos when the last of those answers was sent
 */
record Claim(Share.State state, long grants, long shrinks, long grantedNanos) {
    static final Claim NONE = new Claim(Share.State.NOTHING, 0, 0, 0);

    Claim with(Told told) {
        return new Claim(told.state(), told.grants(), told.shrinks(), grantedNanos);
    }

    /** Real use may turn out to be more than was granted. */
    long held() {
        return Math.max(state.granted(), state.used());
    }

    /** Whether the node may have something to give back, soon or now. */
    boolean counts() {
        return held() > 0 || state.busy();
    }
}
