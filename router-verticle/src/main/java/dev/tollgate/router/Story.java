package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one call has gone through so far, for the answer's {@link Answer.Route}. */
final class Story {
    private final List<String> attempts = new ArrayList<>(2);
    private int made;
    private String group = "";
    private @Nullable Deployment last;
    private Duration timeout = Duration.ZERO;
    private double providerMillis;
    int retries;
    int maxRetries;
    int fallbacks;

    /** The call goes to this group now; its retries are counted anew. */
    void entered(String name) {
        group = name;
        retries = 0;
    }

    String group() {
        return group;
    }

    /** Attempts begun. */
    int made() {
        return made;
    }

    void began(Deployment chosen, Duration limit) {
        made++;
        last = chosen;
        timeout = limit;
    }

    void ended(Deployment chosen, Answer answer, double millis) {
        last = chosen;
        providerMillis = millis;
        attempts.add(group + "/" + shortId(chosen) + "=" + outcome(answer));
    }

    /** The slower of two attempts is not waited for. */
    void calledOff(Deployment slower) {
        attempts.add(group + "/" + shortId(slower) + "=called-off");
    }

    /** The stream that was given out last broke. */
    void broke(FailureKind kind) {
        attempts.add(attempts.removeLast() + ",broke:" + kind);
    }

    /** How long the last attempt took, in milliseconds. */
    double providerMillis() {
        return providerMillis;
    }

    Answer.Route told() {
        Deployment deployment = last;
        return new Answer.Route(
                group,
                deployment == null ? "" : deployment.id(),
                deployment == null ? "" : deployment.provider().name(),
                deployment == null ? "" : deployment.upstreamModel(),
                deployment == null ? "" : deployment.apiBase(),
                retries,
                maxRetries,
                fallbacks,
                timeout.toMillis(),
                providerMillis,
                attempts);
    }

    private static String outcome(Answer answer) {
        return switch (answer) {
            case Answer.Whole whole -> whole.status() == 200 ? "200" : Integer.toString(whole.status());
            case Answer.Streaming _ -> "200";
            case Answer.Refused refused ->
                refused.failure().status() + ":" + refused.failure().kind();
        };
    }

    private static String shortId(Deployment deployment) {
        return deployment.id().length() <= 8 ? deployment.id() : deployment.id().substring(0, 8);
    }
}
