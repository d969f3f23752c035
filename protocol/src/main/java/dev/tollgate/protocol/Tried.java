package dev.tollgate.protocol;

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
    private static final int SHORT = 8;

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

    /** All there is to tell, for the log. */
    public String full() {
        return brief() + " (" + provider + "/" + model + ", by " + chosenBy + ", " + Math.round(millis) + " ms"
                + (waitedMillis > 0 ? " after a wait of " + waitedMillis + " ms)" : ")");
    }
}
