package dev.tollgate.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one finished call cost somebody, to be priced and written down: gateway to accounting, answered with {@link Settled}.
 *
 * @param callId call id; settling the same id twice changes nothing
 * @param surface API it came through
 * @param caller who pays
 * @param endUser end user named by the client, or null
 * @param tags spend tags
 * @param requestedModel model name the client used
 * @param upstreamModel model name that the provider says it used, or null
 * @param route how it was routed
 * @param usage tokens
 * @param stream whether it was streamed
 * @param startedAtMillis when it began, in milliseconds since 1970 UTC
 * @param durationMillis how long it took, in milliseconds
 * @param firstTokenMillis time to the first event of a stream in milliseconds, or -1
 * @param status HTTP status the client got (499 when it went away)
 * @param failure why it failed, or null
 * @param earlier parts of the call that were not the last, each to be paid as well; usually none
 */
public record Settlement(
        String callId,
        Surface surface,
        Caller caller,
        @Nullable String endUser,
        List<String> tags,
        String requestedModel,
        @Nullable String upstreamModel,
        Answer.Route route,
        Usage usage,
        boolean stream,
        long startedAtMillis,
        double durationMillis,
        double firstTokenMillis,
        int status,
        @Nullable FailureKind failure,
        List<Leg> earlier) {

    /** A call of one part. */
    public Settlement(
            String callId,
            Surface surface,
            Caller caller,
            @Nullable String endUser,
            List<String> tags,
            String requestedModel,
            @Nullable String upstreamModel,
            Answer.Route route,
            Usage usage,
            boolean stream,
            long startedAtMillis,
            double durationMillis,
            double firstTokenMillis,
            int status,
            @Nullable FailureKind failure) {
        this(
                callId,
                surface,
                caller,
                endUser,
                tags,
                requestedModel,
                upstreamModel,
                route,
                usage,
                stream,
                startedAtMillis,
                durationMillis,
                firstTokenMillis,
                status,
                failure,
                List.of());
    }

    /** Tokens of all parts. */
    public Usage total() {
        Usage total = usage;
        for (Leg leg : earlier) {
            total = total.plus(leg.usage());
        }
        return total;
    }
}
