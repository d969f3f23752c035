package dev.tollgate.router;

import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.Future;

/**
 * Failures that a client wants made up ({@code mock_testing_…}), to see where its calls go then. They befall the group that was
 * asked for, before anyone is called, and count against no deployment.
 */
final class Rehearsals {
    private Rehearsals() {}

    /** The first group's answer: its real one, unless a failure is to be made up. */
    static Future<Answer> first(Journey journey, Tries group) {
        Envelope.Rehearsal wanted = journey.asked.special().rehearsal();
        if (wanted == null) {
            return group.begin();
        }
        return switch (wanted) {
            case FALLBACK -> Journey.refused(madeUp(FailureKind.UPSTREAM_ERROR, "a fallback"));
            case CONTEXT_WINDOW -> Journey.refused(madeUp(FailureKind.CONTEXT_WINDOW, "a context window fallback"));
            case CONTENT_POLICY -> Journey.refused(madeUp(FailureKind.CONTENT_POLICY, "a content policy fallback"));
            case RATE_LIMIT -> group.beginWith(madeUp(FailureKind.RATE_LIMIT, "a retry"));
        };
    }

    private static Failure madeUp(FailureKind kind, String what) {
        return Failure.of(kind, "This failure was made up, as the request asked, to see " + what);
    }
}
