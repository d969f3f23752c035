package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Allowance;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Deployments with a budget that accounting keeps; the script of {@link Providers} plays accounting. */
class BudgetRoutingTest {
    private static final Held.Over SPENT = new Held.Over("Exceeded budget for provider test: 2 >= 1", 1_090_000);

    private static Deployment budgeted(String group, String id, Integer order) {
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
                        new Deployment.Fit(null, null, null, List.of(), new Allowance(BigDecimal.ONE, "1d"))));
    }

    private static Deployment plain(String id) {
        return Fixtures.deployment(id);
    }

    private static Rig rig(int retries, Map<String, List<String>> fallbacks, Deployment... deployments) {
        return new Rig(Fixtures.settings("simple-shuffle", retries, fallbacks), deployments);
    }

    @Test
    void aDeploymentOverItsBudgetIsLeftOutAndTheStorySaysSo() {
        Rig rig = rig(0, Map.of(), budgeted("group", "a", 1), budgeted("group", "b", 1), plain("c"));
        rig.providers.over.put("a", SPENT);
        rig.providers.over.put("b", SPENT);
        Answer answer = rig.route();
        assertThat(answer).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.asked).containsExactly("c");
        assertThat(answer.route().story())
                .contains("group/a=over-budget", "group/b=over-budget")
                .endsWith("group/c=200");
        assertThat(rig.providers.holds).extracting(hold -> hold.patient()).containsOnly(false);
    }

    @Test
    void whenNobodyIsLeftTheErrorIsLiteLlmsWithTheTimeToWait() {
        Rig rig = rig(2, Map.of(), budgeted("group", "a", null), budgeted("group", "b", null));
        rig.providers.over.put("a", SPENT);
        rig.providers.over.put("b", SPENT);
        Failure failure = Rig.refusal(rig.route());
        assertThat(failure.status()).isEqualTo(429);
        assertThat(failure.message())
                .isEqualTo("No deployments available - crossed budget: Exceeded budget for provider test: 2 >= 1");
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(90));
        assertThat(rig.providers.asked).isEmpty();
        assertThat(rig.providers.holds.getLast().patient())
                .as("the last one is waited for")
                .isTrue();
        assertThat(rig.board.cooled).isEmpty();
    }

    @Test
    void aFallbackIsBetterThanWaiting() {
        Rig rig = rig(
                0,
                Map.of("group", List.of("other")),
                budgeted("group", "a", null),
                Fixtures.in("other", "z", Deployment.Routing.NONE));
        rig.providers.over.put("a", SPENT);
        assertThat(rig.route()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.asked).containsExactly("z");
        assertThat(rig.providers.holds).extracting(hold -> hold.patient()).startsWith(false);
        assertThat(rig.providers.holds)
                .as("a key may have limits for the model that it falls back to")
                .extracting(hold -> hold.fallback())
                .containsExactly(null, "other");
    }

    @Test
    void anAttemptThatCostNothingGivesBackWhatWasSetAside() {
        Rig rig = rig(1, Map.of(), budgeted("group", "a", null));
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_ERROR));
        assertThat(rig.route()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.holds).hasSize(2);
        assertThat(rig.providers.unheld)
                .singleElement()
                .satisfies(one -> assertThat(one.deploymentId()).isEqualTo("a"));
    }

    @Test
    void aClientThatLeavesWhileItsCallWaitsIsNotWaitedFor() {
        Rig rig = rig(1, Map.of(), budgeted("group", "a", null));
        Promise<Held> waiting = Promise.promise();
        rig.providers.holding = waiting;
        var answer = rig.ask(false, List.of(), Envelope.Overrides.NONE);
        rig.router.abandon("call");
        assertThat(rig.providers.unheld).hasSize(1);
        waiting.complete(Held.over(SPENT));
        assertThat(Rig.refusal(answer.result()).kind()).isEqualTo(FailureKind.CLIENT_GONE);
        assertThat(rig.providers.asked).isEmpty();
        assertThat(rig.router.kept()).isZero();
    }

    @Test
    void aClientThatLeavesWhileItsCallIsMadeCheaperHasNoAttempt() {
        Rig rig = rig(1, Map.of(), budgeted("group", "a", null));
        rig.providers.caps.put("a", new Admission.Cap(7, "max_tokens"));
        Promise<Void> capping = Promise.promise();
        rig.providers.capping = capping;
        var answer = rig.ask(false, List.of(), Envelope.Overrides.NONE);
        rig.router.abandon("call");
        capping.complete();
        assertThat(Rig.refusal(answer.result()).kind()).isEqualTo(FailureKind.CLIENT_GONE);
        assertThat(rig.providers.asked).isEmpty();
        assertThat(rig.providers.unheld).hasSize(1);
        assertThat(rig.router.kept()).isZero();
    }

    @Test
    void theLastFallbackIsWaitedFor() {
        Rig rig = rig(
                0,
                Map.of("group", List.of("other"), "other", List.of("group")),
                budgeted("group", "a", null),
                budgeted("other", "z", null));
        rig.providers.over.put("a", SPENT);
        assertThat(rig.route()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.holds).extracting(hold -> hold.patient()).containsExactly(false, true);
    }

    /** By the list of the group that was asked for there is one more, although the second group has none of its own. */
    @Test
    void aGroupThatIsNotTheLastIsNotWaitedFor() {
        Rig rig = rig(
                0,
                Map.of("group", List.of("other", "third")),
                budgeted("group", "a", null),
                budgeted("other", "y", null),
                budgeted("third", "z", null));
        rig.providers.over.put("a", SPENT);
        rig.providers.over.put("y", SPENT);
        assertThat(rig.route()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.holds).extracting(hold -> hold.patient()).containsExactly(false, false, true);
    }

    /** The money may come after a minute. */
    @Test
    void whoHasFailedOthersMeanwhileIsNotGoneTo() {
        Rig rig = rig(0, Map.of(), budgeted("group", "a", 1), budgeted("group", "b", 2));
        Promise<Held> waiting = Promise.promise();
        rig.providers.holding = waiting;
        var answer = rig.ask(false, List.of(), Envelope.Overrides.NONE);
        rig.board.cool("a", rig.now + 5_000);
        waiting.complete(Held.YES);
        assertThat(answer.result()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.asked).containsExactly("b");
        assertThat(rig.providers.unheld)
                .singleElement()
                .satisfies(one -> assertThat(one.deploymentId()).isEqualTo("a"));
    }

    @Test
    void aBudgetThatIsNearlySpentPaysForFewerTokens() {
        Rig rig = rig(0, Map.of(), budgeted("group", "a", null));
        rig.providers.caps.put("a", new Admission.Cap(7, "max_tokens"));
        Answer.Whole answer = (Answer.Whole) rig.route();
        assertThat(answer.headers()).containsEntry("x-tollgate-max-tokens", "7");
        assertThat(rig.providers.attempts.getFirst().call().body().toString()).isEqualTo("{\"max_tokens\":7}");
    }

    /** More may be left when it is tried again. */
    @Test
    void whatOneAttemptMayGenerateSaysNothingOfTheNext() {
        Rig rig = rig(0, Map.of(), budgeted("group", "a", 1), budgeted("group", "b", 2));
        rig.providers.caps.put("a", new Admission.Cap(7, "max_tokens"));
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_ERROR));
        Answer.Whole answer = (Answer.Whole) rig.route();
        assertThat(rig.providers.asked).containsExactly("a", "b");
        assertThat(answer.headers()).doesNotContainKey("x-tollgate-max-tokens");
        assertThat(rig.providers.attempts.getFirst().call().body().toString()).contains("max_tokens");
        assertThat(rig.providers.attempts.getLast().call().body().toString()).doesNotContain("max_tokens");
    }

    @Test
    void whereNobodyKnowsWhatWasSpentOneAnswerIsEnough() {
        Rig rig = rig(0, Map.of(), budgeted("group", "a", null), budgeted("group", "b", null));
        Held.Over unknown = new Held.Over("What was spent is not known yet", 0, true);
        rig.providers.over.put("a", unknown);
        rig.providers.over.put("b", unknown);
        Failure failure = Rig.refusal(rig.route());
        assertThat(failure.kind()).isEqualTo(FailureKind.OVERLOADED);
        assertThat(failure.status()).isEqualTo(503);
        assertThat(failure.message()).isEqualTo("What was spent is not known yet");
        assertThat(rig.providers.holds).hasSize(1);
    }

    /** Whoever pays for the call has set aside one answer. */
    @Test
    void anAttemptThatHasToBePaidIsPaidBeforeTheNext() {
        Rig rig = rig(3, Map.of(), plain("a"), plain("b"));
        rig.providers.held = true;
        var answer = rig.ask(false, List.of(), Envelope.Overrides.NONE);
        String first = rig.providers.asked.getFirst();
        Failure failure = Rig.failure(FailureKind.TIMEOUT);
        rig.providers.answer(first, new Answer.Refused(failure, null, Usage.NONE));
        assertThat(rig.providers.holds).as("it cost nothing").isEmpty();
        String second = rig.providers.asked.getLast();
        assertThat(second).isNotEqualTo(first);
        rig.providers.answer(second, new Answer.Refused(failure, null, Usage.estimated(400)));
        assertThat(rig.providers.holds)
                .singleElement()
                .satisfies(hold -> assertThat(hold.owed())
                        .containsExactly(new Leg(
                                second,
                                rig.providers.attempts.get(1).upstreamModel(),
                                null,
                                Usage.estimated(400),
                                false)));
        rig.providers.over.put("a", SPENT);
        rig.providers.over.put("b", SPENT);
        rig.providers.answer(rig.providers.asked.getLast(), new Answer.Refused(failure, null, Usage.estimated(400)));
        assertThat(Rig.refusal(answer.result()).message()).contains("crossed budget");
        assertThat(rig.providers.asked).hasSize(3);
        assertThat(rig.providers.holds.getLast().owed()).hasSize(2);
    }

    @Test
    void deploymentsWithoutABudgetAreNeverAskedAbout() {
        Rig rig = rig(0, Map.of(), plain("a"));
        assertThat(rig.route()).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.holds).isEmpty();
    }

    @Test
    void anExplanationTellsUntilWhenItIsOverItsBudget() {
        RouterSettings settings = Fixtures.settings("simple-shuffle", 0, Map.of());
        Rig rig = new Rig(settings, budgeted("group", "a", null), plain("b"));
        rig.providers.over.put("a", SPENT);
        assertThat(rig.likely(null)).containsExactly("b");
        JsonObject told = rig.router
                .explain(Fixtures.call("group", false, Envelope.Overrides.NONE, List.of(), List.of()))
                .result()
                .json()
                .toJsonObject()
                .getJsonArray("groups")
                .getJsonObject(0)
                .getJsonArray("deployments")
                .getJsonObject(0);
        assertThat(told.getString("verdict")).isEqualTo("over_budget");
        assertThat(told.getString("over_budget_until")).isEqualTo("1970-01-01T00:18:10Z");
        assertThat(rig.providers.holds).as("nothing is set aside").isEmpty();
    }
}
