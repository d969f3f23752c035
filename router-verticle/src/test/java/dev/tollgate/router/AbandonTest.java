package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A client that leaves at any moment. As on a real lane, what is said waits in one queue, and a provider finds only attempts that have
 * reached it; the test takes the queue's messages one by one.
 */
class AbandonTest {
    private final Deque<Runnable> queue = new ArrayDeque<>();

    /** Attempts that have reached the provider and not ended, by their names. */
    private final Map<String, Attempt> reached = new HashMap<>();

    private final List<String> ended = new ArrayList<>();
    private final Rig rig = new Rig(
            Fixtures.settings("simple-shuffle", 2, Map.of("group", List.of("other"))),
            Fixtures.deployment("a"),
            Fixtures.in("other", "b", Deployment.Routing.NONE));

    {
        rig.providers.held = true;
        rig.callingOff = leg -> queue.add(() -> callOff(leg));
    }

    /** What the gateway sends when it sees that the client has gone. */
    private void leave() {
        queue.add(() -> callOff("call"));
        queue.add(() -> rig.router.abandon("call"));
    }

    private Future<Answer> ask() {
        return rig.ask(false, List.of(), Envelope.Overrides.NONE);
    }

    /** The router's last attempt is on its way to the provider. */
    private void send() {
        Attempt attempt = rig.providers.attempts.getLast();
        queue.add(() -> reached.put(attempt.leg(), attempt));
    }

    private void callOff(String leg) {
        Attempt attempt = reached.remove(leg);
        if (attempt != null) {
            ended.add(leg);
            rig.providers.answer(
                    attempt.deploymentId(),
                    new Answer.Refused(Failure.of(FailureKind.CLIENT_GONE, "gone"), null, Usage.of(7, 0)));
        }
    }

    private void fail(String deployment, Usage used) {
        rig.providers.answer(deployment, new Answer.Refused(Rig.failure(FailureKind.UPSTREAM_ERROR), null, used));
    }

    private void work() {
        while (!queue.isEmpty()) {
            queue.remove().run();
        }
    }

    private static FailureKind kind(Future<Answer> answer) {
        return Rig.refusal(answer.result()).kind();
    }

    @Test
    void anAttemptThatHadNotReachedItsProviderIsCalledOffToo() {
        leave();
        Future<Answer> answer = ask();
        send();
        work();

        assertThat(ended).containsExactly("call");
        assertThat(kind(answer)).isEqualTo(FailureKind.CLIENT_GONE);
        assertThat(answer.result().route().spent())
                .as("what it used is paid")
                .singleElement()
                .satisfies(leg -> assertThat(leg.usage().prompt()).isEqualTo(7));
        assertThat(rig.providers.asked).containsExactly("a");
        assertThat(rig.router.kept()).isZero();
    }

    @Test
    void aRetryThatWasBegunBeforeTheRouterKnewIsCalledOff() {
        Future<Answer> answer = ask();
        send();
        work();
        reached.clear();
        leave();
        fail("a", Usage.NONE);
        send();
        work();

        assertThat(rig.providers.asked).containsExactly("a", "a");
        assertThat(ended).containsExactly("call");
        assertThat(kind(answer)).isEqualTo(FailureKind.CLIENT_GONE);
    }

    @Test
    void afterTheClientHasGoneAFailureIsNotTriedAgainNorElsewhereAndIsPaid() {
        Future<Answer> answer = ask();
        leave();
        work();
        fail("a", Usage.of(5, 0));

        assertThat(kind(answer)).isEqualTo(FailureKind.CLIENT_GONE);
        assertThat(rig.waits).as("nothing is waited for").isEmpty();
        assertThat(rig.providers.asked).containsExactly("a");
        assertThat(answer.result().route().spent()).hasSize(1);
        assertThat(rig.board.load("a").inFlight()).isZero();
        assertThat(rig.router.kept()).isZero();
    }

    @Test
    void whoLeavesAfterTheAnswerIsNotRemembered() {
        Future<Answer> answer = ask();
        rig.providers.answer("a", new Answer.Whole(200, Map.of(), Buffer.buffer("{}"), Usage.of(1, 1), null, null));
        leave();
        work();

        assertThat(answer.result()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.router.kept()).isZero();
        assertThat(rig.calledOff).isEmpty();
    }
}
