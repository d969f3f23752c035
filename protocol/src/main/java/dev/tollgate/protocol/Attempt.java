package dev.tollgate.protocol;

import java.time.Duration;

/**
 * One try of a call on one deployment: router to provider. Names the deployment, never its credentials: those live where the
 * provider role is played.
 *
 * @param leg name of the try on its lane, by which it is called off and its stream found: the call's id, or for a second try at
 *     the same time or after a stream, another one
 * @param call the call
 * @param deploymentId which deployment to use
 * @param upstreamModel model name to send: the deployment's own, or for a wildcard the concrete one
 * @param requestedModel the name the client used, to be shown in the answer
 * @param timeout how long the whole answer may take; for a stream, how long until its first event and between two events
 * @param firstContent for a stream, how long until its first content, whatever comes before
 * @param minStreamRate least events a second of a stream that has begun; 0: any
 */
public record Attempt(
        String leg,
        Call call,
        String deploymentId,
        String upstreamModel,
        String requestedModel,
        Duration timeout,
        Duration firstContent,
        double minStreamRate)
        implements ProviderRequest {

    /** The usual try, the only one of its call under way. */
    public Attempt(Call call, String deploymentId, String upstreamModel, String requestedModel, Duration timeout) {
        this(call.id(), call, deploymentId, upstreamModel, requestedModel, timeout, timeout, 0);
    }

    /** The same attempt once the call's body is not needed any more. */
    public Attempt withoutBody() {
        return new Attempt(
                leg,
                call.withoutBody(),
                deploymentId,
                upstreamModel,
                requestedModel,
                timeout,
                firstContent,
                minStreamRate);
    }
}
