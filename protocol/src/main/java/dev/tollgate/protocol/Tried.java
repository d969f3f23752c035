package dev.tollgate.protocol;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One attempt in the story of a call.
 *
 * @param modelGroup group that was entered
 * @param deploymentId deployment that was asked
 * @param provider its provider
 * @param model its upstream model
 * @param status HTTP status it came to, 200 for a stream that began, 0 when it was called off before
 * @param failure why it failed, or null
 * @param millis how long it took, for a stream until its head, in milliseconds
 * @param chosenBy what chose it: the strategy's name, {@code affinity}, or {@code only} when there was no choice
 * @param waitedMillis pause before it, in milliseconds
 * @param ending what came of it later: {@code broke:…} for a stream, {@code called-off} for the slower of two; else empty
 */
public record Tried(
        String modelGroup,
        String deploymentId,
        String provider,
        String model,
        int status,
        @Nullable FailureKind failure,
        double millis,
        String chosenBy,
        long waitedMillis,
        String ending) {
    private static final String BROKE = "broke:";
    /** So many characters of a deployment's id are told in short. */
    public static final int SHORT = 8;

    private static final String BETWEEN = " > ";
    private static final int ROOM_FOR_A_GAP = 20;

    /** One that ended with its answer. */
    public Tried(
            String modelGroup,
            String deploymentId,
            String provider,
            String model,
            int status,
            @Nullable FailureKind failure,
            double millis,
            String chosenBy,
            long waitedMillis) {
        this(modelGroup, deploymentId, provider, model, status, failure, millis, chosenBy, waitedMillis, "");
    }

    /** The same attempt, and what came of it later. */
    public Tried ending(String what) {
        return new Tried(
                modelGroup, deploymentId, provider, model, status, failure, millis, chosenBy, waitedMillis, what);
    }

    /** {@code group/deployment=200} or {@code group/deployment=500:CONNECTION}, with the first characters of the id. */
    public String brief() {
        String id = deploymentId.length() <= SHORT ? deploymentId : deploymentId.substring(0, SHORT);
        String where = modelGroup + "/" + id + "=";
        if (status == 0) {
            return where + ending;
        }
        String outcome = where + status;
        String failed = failure == null ? outcome : outcome + ":" + failure;
        return ending.isEmpty() ? failed : failed + "," + ending;
    }

    /** Why no whole answer came of it: its failure, or what its stream broke of; null where nothing went wrong. */
    public @Nullable String trouble() {
        if (failure != null) {
            return failure.name();
        }
        return broke() ? ending.substring(BROKE.length()) : null;
    }

    /** Whether its stream broke. */
    public boolean broke() {
        return ending.startsWith(BROKE);
    }

    /** Its stream broke because of that. */
    public Tried broken(FailureKind why) {
        return ending(BROKE + why);
    }

    /** All there is to tell, for the log. */
    public String full() {
        return brief() + " (" + provider + "/" + model + ", by " + chosenBy + ", " + Math.round(millis) + " ms"
                + (waitedMillis > 0 ? " after a wait of " + waitedMillis + " ms)" : ")");
    }

    /**
     * Tells attempts in order, in about so many characters: the first and the last ones are told, and how many are left out between them.
     */
    public static String joined(List<Tried> attempts, Function<Tried, String> told, int most) {
        if (attempts.size() == 1) {
            return told.apply(attempts.get(0));
        }
        int from = 0;
        int to = attempts.size();
        StringBuilder head = new StringBuilder();
        Deque<String> tail = new ArrayDeque<>();
        // Alternately from the front and from the back, as long as there is room; the first and the last always.
        for (int room = most - ROOM_FOR_A_GAP; from < to && (room > 0 || tail.isEmpty()); ) {
            boolean front = head.isEmpty() || from <= attempts.size() - to;
            String next = told.apply(attempts.get(front ? from : to - 1));
            room -= next.length() + BETWEEN.length();
            if (room < 0 && !head.isEmpty() && !tail.isEmpty()) {
                break;
            }
            if (front) {
                head.append(from++ == 0 ? "" : BETWEEN).append(next);
            } else {
                tail.addFirst(next);
                to--;
            }
        }
        if (from < to) {
            tail.addFirst("(" + (to - from) + " more)");
        }
        tail.forEach(each -> head.append(BETWEEN).append(each));
        return head.toString();
    }
}
