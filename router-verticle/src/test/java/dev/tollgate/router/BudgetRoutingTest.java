package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Allowance;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Held;
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
        assertThat(rig.providers.holds).extracting(hold -> hold.patient()).containsExactly(false);
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
        waiting.complete(new Held(SPENT));
        assertThat(Rig.refusal(answer.result()).kind()).isEqualTo(FailureKind.CLIENT_GONE);
        assertThat(rig.providers.asked).isEmpty();
        assertThat(rig.router.kept()).isZero();
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
