package dev.tollgate.protocol;

/**
 * An attempt is about to be made on a deployment that has a budget, or whose provider has one: router to accounting, answered with
 * {@link Held}. What is set aside goes back with the call's settlement, or with {@link Unhold}.
 *
 * @param call the call
 * @param deploymentId where it would go
 * @param upstreamModel model name that would be sent
 * @param patient whether there is nobody else to go to, so that waiting for calls under way is better than a refusal
 */
public record Hold(Call call, String deploymentId, String upstreamModel, boolean patient) {}
