package dev.tollgate.cluster.lease;

/**
 * What this node may use of one total, kept where it is used. Called by the event loop of {@link Leases}, and by whoever asks for
 * more, while others use it: each method is one step for them.
 */
public interface Share {

    /**
     * How it stands.
     *
     * @param granted what this node may use in all
     * @param used what is used, or set aside for calls under way, and cannot be given back now
     * @param busy whether some of that may come back soon, because calls are under way
     */
    record State(long granted, long used, boolean busy) {
        static final State NOTHING = new State(0, 0, false);

        /** What may be used now; negative where more was used than granted. */
        long free() {
            return granted - used;
        }
    }

    /** How it stands now. */
    State state();

    /** So much more may be used. */
    void grow(long by);

    /** Gives up what is not in use; answers what remains. */
    State shrink();

    /**
     * What this node knows when a total is divided anew.
     *
     * @param state how the share stands, without what it has spent before
     * @param settled what this node has spent since it began
     * @param delivered what of that is in the store for sure
     * @param known what all nodes together have spent, as far as this one knows
     */
    record Opening(State state, long settled, long delivered, long known) {
        static final Opening NOTHING = new Opening(State.NOTHING, 0, 0, 0);
    }

    /** From now on neither what is granted nor what is used holds what was spent before. Only for {@link Meter.Use#SPENT}. */
    Opening open();
}
