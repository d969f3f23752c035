package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Ids under which parts of a call are written down that were not its last: the call's id, {@code #}, and what tells them from each other.
 * Call ids are ours and have no {@code #}.
 */
public final class PartId {
    private static final char MARK = '#';

    private PartId() {}

    /** Id of the part of that number. */
    public static String of(String callId, int number) {
        return callId + MARK + number;
    }

    /** Id of a slower attempt, which is settled by itself when it ends. */
    public static String ofHedge(String callId, int number) {
        return callId + MARK + "hedge" + number;
    }

    /** The call that this is an earlier part of; null when it is the call itself. */
    public static @Nullable String callOf(String id) {
        int mark = id.lastIndexOf(MARK);
        return mark < 0 ? null : id.substring(0, mark);
    }
}
