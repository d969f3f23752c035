package dev.tollgate.protocol;

/**
 * An attempt is about to be made: router to accounting, which writes down what the call may cost before its provider is asked, so that it
 * is in the account even if this program is killed before anybody knows what it did cost. A later attempt of a call takes the place of
 * the one before; its {@link Settlement} or {@link Addresses#RELEASE} ends it.
 *
 * @param call the call
 * @param group model group of the deployment
 * @param deploymentId where it goes
 * @param provider provider's name
 * @param upstreamModel model name that is sent
 * @param apiBase where the provider is
 */
public record Begun(
        Call call, String group, String deploymentId, String provider, String upstreamModel, String apiBase) {}
