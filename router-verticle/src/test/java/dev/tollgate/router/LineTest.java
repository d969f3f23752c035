package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code max_parallel_requests} of a deployment: calls wait for a place. Answers come when the test lets them. */
class LineTest {
    private final Rig rig = new Rig(settings(Map.of()), parallel("a", 1));

    @BeforeEach
    void hold() {
        rig.providers.held = true;
    }

    private static RouterSettings settings(Map<String, List<String>> fallbacks) {
        return Fixtures.settings("simple-shuffle", 0, fallbacks);
    }

    private static Deployment parallel(String id, @Nullable Integer most) {
        return in("group", id, most, null);
    }

    private static Deployment in(String group, String id, @Nullable Integer most, @Nullable Integer order) {
        return Fixtures.in(
                group,
                id,
                new Deployment.Routing(
                        null,
                        null,
                        null,
                        order,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        new Deployment.Fit(most, null, null, List.of())));
    }

    private Future<Answer> ask(String id, @Nullable Duration timeout) {
        Call call = Fixtures.call(
                "group", false, new Envelope.Overrides(null, timeout, null, null, false), List.of(), List.of());
        return rig.router.route(
                new Call(id, call.surface(), call.caller(), call.envelope(), Map.of(), Buffer.buffer(), 0));
    }

    private List<String> begun() {
        return rig.providers.attempts.stream().map(Attempt::leg).toList();
    }

    private void answer(String deployment) {
        rig.providers.answer(
                deployment, new Answer.Whole(200, Map.of(), Buffer.buffer("{}"), Usage.of(1, 1), null, null));
    }

    @Test
    void callsWaitInOrderForAPlaceAndAFailureFreesOneToo() {
        List<Future<Answer>> answers = new ArrayList<>();
        for (String id : List.of("1", "2", "3", "4")) {
            answers.add(ask(id, null));
        }
        assertThat(begun()).containsExactly("1");
        answer("a");
        assertThat(begun()).containsExactly("1", "2");
        rig.providers.answer("a", new Answer.Refused(Rig.failure(FailureKind.BAD_REQUEST), null));
        assertThat(begun()).containsExactly("1", "2", "3");
        answers.add(ask("5", null));
        answer("a");
        answer("a");
        assertThat(begun()).containsExactly("1", "2", "3", "4", "5");
        answer("a");
        assertThat(answers).allMatch(Future::isComplete);
        assertThat(rig.board.load("a").inFlight()).isZero();
        assertThat(rig.router.line.length()).isZero();
        assertThat(rig.router.kept()).isZero();
    }

    @Test
    void anotherDeploymentIsBetterThanWaitingWhateverItsOrder() {
        rig.configure(settings(Map.of()), in("group", "a", 1, 1), in("group", "b", 1, 2));
        ask("1", null);
        ask("2", null);
        ask("3", null);
        assertThat(rig.providers.asked).containsExactly("a", "b");
        answer("b");
        assertThat(begun()).containsExactly("1", "2", "3");
        assertThat(rig.providers.asked).containsExactly("a", "b", "b");
    }

    @Test
    void nobodyWaitsLongerThanAnAttemptMayTakeAndThenTheGroupFallsBack() {
        rig.configure(settings(Map.of("group", List.of("other"))), parallel("a", 1), in("other", "c", null, null));
        ask("1", null);
        Future<Answer> late = ask("2", Duration.ofSeconds(3));
        rig.now += 2_900;
        rig.router.line.look();
        assertThat(rig.providers.asked).containsExactly("a");
        rig.now += 100;
        rig.router.line.look();
        assertThat(rig.providers.asked).containsExactly("a", "c");
        answer("c");
        assertThat(late.result()).isInstanceOf(Answer.Whole.class);

        rig.configure(settings(Map.of()), parallel("a", 1));
        Future<Answer> refused = ask("3", Duration.ofSeconds(3));
        rig.now += 3_000;
        rig.router.line.look();
        Failure failure = Rig.refusal(refused.result());
        assertThat(failure.kind()).isEqualTo(FailureKind.NO_DEPLOYMENTS);
        assertThat(failure.status()).isEqualTo(429);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whoLeavesGivesUpItsPlaceInTheLine() {
        ask("1", null);
        Future<Answer> gone = ask("2", null);
        ask("3", null);
        rig.router.abandon("2");
        assertThat(Rig.refusal(gone.result()).kind()).isEqualTo(FailureKind.CLIENT_GONE);
        answer("a");
        assertThat(begun()).containsExactly("1", "3");
    }

    /** Of another lane: its end is not told here. */
    @Test
    void placesThatBecomeFreeElsewhereAreFoundAndGoToWhoHasWaited() {
        rig.board.load("a").began(rig.now);
        ask("1", null);
        assertThat(rig.providers.asked).isEmpty();
        rig.board.load("a").ended();
        ask("2", null);
        assertThat(begun()).containsExactly("1");
        answer("a");
        assertThat(begun()).containsExactly("1", "2");
    }

    @Test
    void theLineIsBounded() {
        ask("first", null);
        for (int i = 0; i < 1_000; i++) {
            assertThat(ask("w" + i, null).isComplete()).isFalse();
        }
        assertThat(Rig.refusal(ask("last", null).result()).status()).isEqualTo(429);
        assertThat(rig.router.line.length()).isEqualTo(1_000);
    }

    @Test
    void anExplanationSaysThatTheCallWouldWait() {
        ask("1", null);
        var explained = rig.router
                .explain(Fixtures.call("group", false, Envelope.Overrides.NONE, List.of(), List.of()))
                .result();
        assertThat(explained.json().toString()).contains("waits_for").doesNotContain("refusal");
    }
}
