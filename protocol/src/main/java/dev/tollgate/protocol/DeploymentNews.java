package dev.tollgate.protocol;

/**
 * Something about a deployment that people may want to know: router to accounting, which has the alerts. Sent only when something
 * changes, or an attempt took very long.
 *
 * @param what what happened
 * @param deploymentId which one
 * @param group its group
 * @param model its provider and model
 * @param apiBase its base URL, without credentials
 * @param cause the failure's message, or empty
 * @param millis how long: the cooldown, or the slow attempt, in milliseconds
 */
public record DeploymentNews(
        What what, String deploymentId, String group, String model, String apiBase, String cause, long millis) {

    /** Kinds of news. */
    public enum What {
        /** It failed and is left alone for a while. */
        COOLED,
        /** It fails, and there is no other in its group. */
        FAILING,
        /** It failed, and so all deployments of its group are left alone. */
        OUTAGE,
        /** It answers again. */
        RECOVERED,
        /** An attempt took longer than {@code alerting_threshold}. */
        SLOW
    }
}
