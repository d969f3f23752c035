package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * One attempt in the story of a call.
 *
 * @param modelGroup group that was entered
 * @param deploymentId deployment that was asked
 * @param provider its provider
 * @param model its upstream model
 * @param status HTTP status it came to, 200 for a stream that began
 * @param failure why it failed, or null
 * @param millis how long it took, for a stream until its head, in milliseconds
 * @param chosenBy what chose it: the strategy's name, {@code affinity}, or {@code only} when there was no choice
 * @param waitedMillis pause before it, in milliseconds
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
        long waitedMillis) {
    private static final int SHORT = 8;

    /** {@code group/deployment=200} or {@code group/deployment=500:CONNECTION}, with the first characters of the id. */
    public String brief() {
        String id = deploymentId.length() <= SHORT ? deploymentId : deploymentId.substring(0, SHORT);
        String outcome = modelGroup + "/" + id + "=" + status;
        return failure == null ? outcome : outcome + ":" + failure;
    }

    /** All there is to tell, for the log. */
    public String full() {
        return brief() + " (" + provider + "/" + model + ", by " + chosenBy + ", " + Math.round(millis) + " ms"
                + (waitedMillis > 0 ? " after a wait of " + waitedMillis + " ms)" : ")");
    }
}
