package dev.tollgate.protocol;

import java.time.Duration;

/**
 * One try of a call on one deployment: router to provider. Names the deployment, never its credentials: those live where the
 * provider role is played.
 *
 * @param call the call
 * @param deploymentId which deployment to use
 * @param upstreamModel model name to send: the deployment's own, or for a wildcard the concrete one
 * @param requestedModel the name the client used, to be shown in the answer
 * @param timeout how long the whole answer may take; for a stream, how long until its first event and between two events
 */
public record Attempt(Call call, String deploymentId, String upstreamModel, String requestedModel, Duration timeout)
        implements ProviderRequest {

    /** The same attempt once the call's body is not needed any more. */
    public Attempt withoutBody() {
        return new Attempt(call.withoutBody(), deploymentId, upstreamModel, requestedModel, timeout);
    }
}
