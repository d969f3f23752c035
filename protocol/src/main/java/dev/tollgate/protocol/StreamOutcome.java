package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How a stream ended: gateway to the router of the same lane, once for each {@link Answer.Streaming} that the router gave. Until
 * then the router counts the attempt as under way.
 *
 * @param callId the call
 * @param modelGroup the group that answered
 * @param deploymentId the deployment that answered
 * @param usage tokens, as far as known
 * @param firstTokenMillis from the attempt's start to the first chunk, in milliseconds, or -1 when there was none
 * @param totalMillis from the attempt's start to the end, in milliseconds
 * @param ownTimeout whether the client set the time limit itself, so that passing it says nothing about the deployment
 * @param onlyOne {@link Answer.Route#onlyOne()} of the answer
 * @param failure why it broke; {@link FailureKind#CLIENT_GONE} when the client left; null when it ended well
 */
public record StreamOutcome(
        String callId,
        String modelGroup,
        String deploymentId,
        Usage usage,
        double firstTokenMillis,
        double totalMillis,
        boolean ownTimeout,
        boolean onlyOne,
        @Nullable Failure failure) {}
