package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one call has gone through so far, for the answer's {@link Answer.Route}. */
final class Story {
    private final List<Tried> attempts = new ArrayList<>(2);
    private int made;
    private String group = "";
    private @Nullable Deployment last;
    private Duration timeout = Duration.ZERO;
    private double providerMillis;
    private String chosenBy = "";
    private long waitedMillis;
    private boolean onlyOne;
    private List<Leg> spent = List.of();

    /** Those, and parts of a stream that broke. */
    private List<Leg> owed = List.of();

    int retries;
    int maxRetries;
    int fallbacks;
    int hedges;

    /** The call goes to this group now; its retries are counted anew. */
    void entered(String name) {
        group = name;
        retries = 0;
    }

    /** How many deployments of the group the call may use. */
    void admitted(int members) {
        onlyOne = members == 1;
    }

    /** What chose the deployment of the present attempt. */
    String chosenBy() {
        return chosenBy;
    }

    /** What chose the deployment of the next attempt. */
    void chosenBy(String what) {
        chosenBy = what;
    }

    /** The pause before the next attempt. */
    void waited(Duration wait) {
        waitedMillis = wait.toMillis();
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
        attempts.add(new Tried(
                group,
                chosen.id(),
                chosen.provider().name(),
                chosen.upstreamModel(),
                status(answer),
                answer instanceof Answer.Refused refused ? refused.failure().kind() : null,
                millis,
                chosenBy,
                waitedMillis));
        waitedMillis = 0;
    }

    /** The slower of two attempts is not waited for. */
    void calledOff(Deployment slower) {
        attempts.add(new Tried(
                group,
                slower.id(),
                slower.provider().name(),
                slower.upstreamModel(),
                0,
                null,
                0,
                chosenBy,
                0,
                "called-off"));
    }

    /** Its budget, or its provider's, has too little left, so it is not asked. */
    void overBudget(Deployment deployment) {
        attempts.add(new Tried(
                group,
                deployment.id(),
                deployment.provider().name(),
                deployment.upstreamModel(),
                0,
                null,
                0,
                chosenBy,
                0,
                "over-budget"));
    }

    /** An attempt brought no answer and has to be paid all the same. */
    void spent(Deployment on, Usage usage) {
        if (spent.isEmpty()) {
            spent = new ArrayList<>(1);
        }
        Leg leg = new Leg(on.id(), on.upstreamModel(), null, usage, false);
        spent.add(leg);
        owes(leg);
    }

    private void owes(Leg leg) {
        if (owed.isEmpty()) {
            owed = new ArrayList<>(1);
        }
        owed.add(leg);
    }

    /** The stream that was given out last broke, and has used this. */
    void broke(FailureKind kind, Usage usage) {
        attempts.add(attempts.removeLast().broken(kind));
        Deployment on = last;
        if (on != null) {
            owes(new Leg(on.id(), on.upstreamModel(), null, usage, true));
        }
    }

    /** What has to be paid of the call already, whatever comes; nearly always nothing. */
    List<Leg> owed() {
        return owed;
    }

    /** Attempts ended, in order. */
    List<Tried> attempts() {
        return attempts;
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
                attempts,
                onlyOne,
                spent);
    }

    private static int status(Answer answer) {
        return switch (answer) {
            case Answer.Whole whole -> whole.status();
            case Answer.Streaming _ -> 200;
            case Answer.Refused refused -> refused.failure().status();
        };
    }
}
