package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import dev.tollgate.router.strategy.Seats;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt, and when it takes longer than nearly all before it, a second one elsewhere at the same time; the first good answer is
 * the answer, and the other attempt is called off at once (Dean and Barroso, "The Tail at Scale", 2013). A failure of one leaves
 * the other to decide; when both fail, the later failure is the answer.
 */
final class Hedge {
    private final Tries tries;
    private final Journey journey;
    private final Seats candidates;
    private static final String HEDGING = "hedging";

    private final Promise<Answer> result = Promise.promise();
    private @Nullable Runner first;
    private @Nullable Runner second;

    /** Which of the call's hedges this is. */
    private int number;

    /** One of the two. */
    private static final class Runner {
        private final Deployment deployment;

        /** See {@link Cooldowns#ticket}. */
        private final long ticket;

        private final String leg;
        private final String chosenBy;
        private final long began = System.nanoTime();
        private boolean done;

        Runner(Deployment deployment, long ticket, String leg, String chosenBy) {
            this.deployment = deployment;
            this.ticket = ticket;
            this.leg = leg;
            this.chosenBy = chosenBy;
        }

        double millis() {
            return (System.nanoTime() - began) / 1e6;
        }
    }

    Hedge(Tries tries, Journey journey, Seats candidates) {
        this.tries = tries;
        this.journey = journey;
        this.candidates = candidates;
    }

    /** Tries {@code chosen}, and after the delay another candidate, too. */
    Future<Answer> run(Deployment chosen, long ticket, Duration delay) {
        Runner runner = new Runner(chosen, ticket, journey.leg(), journey.story.chosenBy());
        first = runner;
        start(runner);
        journey.router.pause.apply(delay).onSuccess(_ -> another(chosen));
        return result.future();
    }

    private void another(Deployment chosen) {
        // Where there is a budget to be asked about, nobody is in such a hurry.
        if (result.future().isComplete() || journey.abandoned() || journey.limitedBy() != null) {
            return;
        }
        Seats others = candidates.where(seat -> !seat.deployment().id().equals(chosen.id())
                && !Budgets.concern(seat.deployment(), journey.settings)
                && journey.router.candidates().usable(seat));
        if (others.isEmpty() || !journey.router.hedges.left(journey.settings)) {
            return;
        }
        Deployment other = journey.router.strategy().choose(others, journey.call().envelope().stream());
        long ticket = tries.ticket(other);
        if (ticket == Cooldowns.REFUSED) {
            return;
        }
        journey.router.hedges.spend();
        number = ++journey.story.hedges;
        Runner runner = new Runner(other, ticket, journey.leg() + "h" + number, HEDGING);
        second = runner;
        journey.hedging(runner.leg);
        start(runner);
    }

    private void start(Runner runner) {
        tries.once(runner.deployment, runner.leg, journey.call()).onSuccess(answer -> answered(runner, answer));
    }

    private void answered(Runner runner, Answer answer) {
        runner.done = true;
        Runner other = runner == first ? second : first;
        if (result.future().isComplete()) {
            lost(runner, answer);
        } else if (answer instanceof Answer.Refused refused && other != null && !other.done) {
            note(runner, answer);
            tries.failed(runner.deployment, runner.ticket, refused);
        } else {
            if (other != null && !other.done) {
                journey.story.chosenBy(other.chosenBy);
                journey.story.calledOff(other.deployment);
                journey.router.callOff.accept(other.leg);
            }
            note(runner, answer);
            result.complete(answer);
        }
    }

    /** In the story each tells what chose it, whichever ends first. */
    private void note(Runner runner, Answer answer) {
        journey.story.chosenBy(runner.chosenBy);
        tries.note(runner.deployment, runner.ticket, answer, runner.millis());
    }

    /** Nobody needs this answer any more; what it cost is written down by itself. */
    private void lost(Runner runner, Answer answer) {
        switch (answer) {
            case Answer.Refused refused -> {
                tries.ended(runner.deployment, runner.ticket, refused.failure());
                if (refused.usage().total() > 0) {
                    paid(runner, refused.usage(), null);
                }
            }
            case Answer.Whole whole -> {
                tries.ended(runner.deployment, runner.ticket, Failure.of(FailureKind.CLIENT_GONE, ""));
                paid(runner, whole.usage(), whole.upstreamModel());
            }
            case Answer.Streaming streaming -> {
                tries.ended(runner.deployment, runner.ticket, Failure.of(FailureKind.CLIENT_GONE, ""));
                // Most providers say what a prompt used at the stream's end only.
                long prompt = Usage.estimated(journey.call().body().length()).prompt();
                journey.router.hedges.cut(streaming.stream(), usage -> paid(runner, usage.orPrompt(prompt), null));
            }
        }
    }

    private void paid(Runner runner, Usage usage, @Nullable String model) {
        journey.router.outcomes.used(runner.deployment, usage);
        journey.router.hedges.paid(journey, number, runner.deployment, runner.chosenBy, usage, model, runner.millis());
    }
}
