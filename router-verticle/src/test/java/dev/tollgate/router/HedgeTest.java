package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second attempt when the first is slow. Answers come when the test lets them. */
class HedgeTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");

    private final Rig rig = new Rig(settings(true, 1), A, B);
    private final Promise<Void> delay = Promise.promise();

    private static RouterSettings settings(boolean enabled, double share) {
        return Fixtures.trying(new RouterSettings.Trying(
                false, new RouterSettings.Hedging(enabled, 0.95, share, Duration.ofMillis(20))));
    }

    @BeforeEach
    void knownTimes() {
        for (String id : List.of("a", "b")) {
            for (int i = 1; i <= 10; i++) {
                rig.board.load(id).whole().add(i / 10.0, rig.now, 10);
                rig.board.load(id).firstToken().add(i / 100.0, rig.now, 10);
            }
        }
        rig.pause = delay.future();
        rig.providers.held = true;
    }

    private Future<Answer> ask(boolean stream) {
        return rig.ask(stream, List.of(), Envelope.Overrides.NONE);
    }

    private static String other(String id) {
        return id.equals("a") ? "b" : "a";
    }

    private static Answer whole(long tokens) {
        return new Answer.Whole(200, Map.of(), Buffer.buffer("{}"), Usage.of(tokens, 1), null, null);
    }

    private static Answer refusal(FailureKind kind) {
        return new Answer.Refused(Rig.failure(kind), null);
    }

    private int inFlight() {
        return rig.board.load("a").inFlight() + rig.board.load("b").inFlight();
    }

    @Test
    void theFasterOfTwoAnswersAndTheOtherIsCalledOffAtOnce() {
        Future<Answer> answer = ask(false);
        assertThat(rig.waits).containsExactly(Duration.ofSeconds(1));
        String slow = rig.providers.asked.get(0);
        delay.complete();
        assertThat(rig.providers.asked).containsExactly(slow, other(slow));
        assertThat(rig.calledOff).isEmpty();

        rig.providers.answer(other(slow), whole(5));

        assertThat(answer.result().route().deploymentId()).isEqualTo(other(slow));
        assertThat(answer.result().route().attempts())
                .hasSize(2)
                .anyMatch(tried -> tried.brief().endsWith("=called-off"));
        assertThat(rig.calledOff).containsExactly("call");
        rig.providers.answer(slow, refusal(FailureKind.CLIENT_GONE));
        assertThat(inFlight()).isZero();
        assertThat(rig.board.cooled).isEmpty();
        assertThat(rig.providers.settled).as("nothing was generated").isEmpty();
    }

    @Test
    void anAnswerInTimeStaysAlone() {
        Future<Answer> answer = ask(true);
        assertThat(rig.waits).as("first token of streams").containsExactly(Duration.ofMillis(100));
        rig.providers.answer(rig.providers.asked.get(0), whole(5));
        delay.complete();
        assertThat(answer.isComplete()).isTrue();
        assertThat(rig.providers.asked).hasSize(1);
    }

    @Test
    void aFailureLeavesTheOtherToDecideAndTwoFailuresAreTriedAgain() {
        Future<Answer> answer = ask(false);
        String first = rig.providers.asked.get(0);
        delay.complete();
        rig.providers.answer(first, refusal(FailureKind.UPSTREAM_ERROR));
        assertThat(answer.isComplete()).isFalse();
        rig.providers.answer(other(first), whole(5));
        assertThat(answer.result().route().deploymentId()).isEqualTo(other(first));
        assertThat(rig.calledOff).isEmpty();

        rig.providers.asked.clear();
        Future<Answer> again = ask(false);
        rig.providers.answer("a", refusal(FailureKind.UPSTREAM_ERROR));
        rig.providers.answer("b", refusal(FailureKind.UPSTREAM_ERROR));
        assertThat(again.isComplete()).isFalse();
        assertThat(rig.providers.asked).as("the retry is joined, too").hasSize(4);
    }

    @Test
    void bothAnswersArePaidEachOnce() {
        ask(false);
        String slow = rig.providers.asked.get(0);
        delay.complete();
        rig.providers.answer(other(slow), whole(5));
        rig.providers.answer(slow, whole(7));
        assertThat(rig.providers.settled).singleElement().satisfies(paid -> {
            assertThat(paid.callId()).startsWith("call#hedge");
            assertThat(paid.usage()).isEqualTo(Usage.of(7, 1));
            assertThat(paid.status()).isEqualTo(499);
            assertThat(paid.route().deploymentId()).isEqualTo(slow);
        });
    }

    @Test
    void aStreamThatCameTooLateIsCutAndPaid() {
        ask(true);
        String slow = rig.providers.asked.get(0);
        delay.complete();
        rig.providers.answer(other(slow), new Answer.Streaming(Map.of(), new StreamRef("fast"), null));
        rig.providers.answer(slow, new Answer.Streaming(Map.of(), new StreamRef("slow"), null));
        assertThat(rig.providers.sent)
                .containsExactly(Map.entry("tollgate.stream.up.slow", new StreamCommand.Cancel()));
        rig.providers.receivers.get("tollgate.stream.down.slow").handle(new StreamFrame.Cancelled(0, Usage.of(3, 2)));
        assertThat(rig.providers.settled)
                .singleElement()
                .satisfies(paid -> assertThat(paid.usage()).isEqualTo(Usage.of(3, 2)));
        assertThat(inFlight()).as("the stream that was given out").isOne();
    }

    @Test
    void noMoreThanTheirShareAreMade() {
        rig.configure(settings(true, 0.1), A, B);
        delay.complete();
        for (int i = 0; i < 100; i++) {
            ask(false);
        }
        assertThat(rig.providers.asked.size() - 100).isBetween(9, 10);
    }

    @Test
    void nothingHappensWhenItIsOffOrNobodyKnowsWhatIsSlow() {
        rig.configure(settings(false, 1), A, B);
        ask(false);
        rig.configure(settings(true, 1), A, B);
        rig.now += Duration.ofHours(2).toMillis();
        ask(false);
        assertThat(rig.waits).isEmpty();
        assertThat(rig.providers.asked).hasSize(2);
    }

    @Test
    void aClientThatLeavesCallsBothOff() {
        ask(false);
        delay.complete();
        rig.router.abandon("call");
        assertThat(rig.calledOff).containsExactly("call", "callh1");
    }

    @Test
    void countingTokensIsNotHedgedBecauseNobodyIsBilledForIt() {
        Call chat = Fixtures.call("group", false, Envelope.Overrides.NONE, List.of(), List.of());
        rig.router.route(
                new Call("call", Surface.COUNT_TOKENS, chat.caller(), chat.envelope(), Map.of(), chat.body(), 0));
        delay.complete();
        assertThat(rig.providers.asked).hasSize(1);
        assertThat(rig.waits).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheSlowerOneUsedCountsTowardsItsLimits(boolean stream) {
        ask(stream);
        String slow = rig.providers.asked.get(0);
        delay.complete();
        rig.providers.answer(other(slow), whole(5));
        if (stream) {
            rig.providers.answer(slow, new Answer.Streaming(Map.of(), new StreamRef("slow"), null));
            rig.providers
                    .receivers
                    .get("tollgate.stream.down.slow")
                    .handle(new StreamFrame.Cancelled(0, Usage.of(7, 1)));
        } else {
            rig.providers.answer(slow, whole(7));
        }
        assertThat(rig.board.load(slow).tokensThisMinute(rig.now)).isEqualTo(8);
        assertThat(rig.board.load(slow).succeededThisMinute(rig.now)).isOne();
        assertThat(inFlight()).isZero();
    }

    /** Both attempts of the first round fail; the slower ones of the second are written down when all is over. */
    @Test
    void severalHedgesOfACallHaveLegsAndIdsOfTheirOwnAndTheStoryTellsWhichWasOne() {
        Future<Answer> answer = ask(false);
        String first = rig.providers.asked.get(0);
        delay.complete();
        rig.providers.answer(other(first), refusal(FailureKind.UPSTREAM_ERROR));
        rig.providers.answer(first, refusal(FailureKind.UPSTREAM_ERROR));
        String third = rig.providers.asked.get(2);
        rig.providers.answer(third, whole(5));
        assertThat(rig.providers.attempts.stream().map(Attempt::leg))
                .containsExactly("call", "callh1", "call", "callh2");
        rig.providers.answer(other(third), whole(9));
        assertThat(rig.providers.settled).singleElement().satisfies(paid -> {
            assertThat(paid.callId()).isEqualTo("call#hedge2");
            assertThat(paid.route().attempts().get(0).chosenBy()).isEqualTo("hedging");
        });
        assertThat(answer.result().route().attempts().stream().map(Tried::chosenBy))
                .containsExactly("hedging", "simple-shuffle", "hedging", "simple-shuffle");
    }
}
