package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Continue;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.protocol.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.statistics.Statistics;

/** Whatever is configured and however things fail: a call makes no more attempts than its configuration allows, and it ends. */
class BoundsTest {
    private static final List<String> GROUPS = List.of("group", "g1", "g2", "g3");
    private static final FailureKind[] KINDS = {
        FailureKind.UPSTREAM_ERROR,
        FailureKind.RATE_LIMIT,
        FailureKind.TIMEOUT,
        FailureKind.CONNECTION,
        FailureKind.UPSTREAM_AUTHENTICATION,
        FailureKind.BAD_REQUEST,
        FailureKind.CONTEXT_WINDOW,
        FailureKind.NOT_FOUND
    };

    /**
     * Whatever is configured.
     *
     * @param orders of each group, for each deployment its order; 0: none
     * @param targets of each group, the groups it falls back to
     * @param failures of each deployment, how it fails before it answers
     */
    @Property(tries = 2_000)
    void attemptsStayWithinTheConfiguredBound(
            @ForAll @Size(4) List<@Size(min = 1, max = 3) List<@IntRange(max = 2) Integer>> orders,
            @ForAll @Size(4) List<@Size(max = 3) List<@IntRange(max = 3) Integer>> targets,
            @ForAll @Size(12) List<@Size(max = 19) List<@IntRange(max = 7) Integer>> failures,
            @ForAll @IntRange(max = 3) int retries,
            @ForAll boolean stream) {
        List<Deployment> deployments = new ArrayList<>();
        Map<String, List<String>> fallbacks = new HashMap<>();
        for (int g = 0; g < GROUPS.size(); g++) {
            String group = GROUPS.get(g);
            fallbacks.put(group, targets.get(g).stream().map(GROUPS::get).toList());
            for (int order : orders.get(g)) {
                deployments.add(Fixtures.in(
                        group,
                        group + deployments.size(),
                        new Deployment.Routing(
                                null, null, null, order == 0 ? null : order, null, null, null, null, List.of())));
            }
        }
        Rig rig = new Rig(
                Fixtures.settings("simple-shuffle", retries, fallbacks), deployments.toArray(Deployment[]::new));
        for (int i = 0; i < deployments.size(); i++) {
            for (int kind : failures.get(i)) {
                rig.providers.fails(deployments.get(i).id(), Rig.failure(KINDS[kind]));
            }
        }
        Answer answer = rig.ask(stream, List.of(), Envelope.Overrides.NONE).result();
        assertThat(answer).as("it ends").isNotNull();
        while (answer instanceof Answer.Streaming streaming && streaming.continuable()) {
            answer = broken(rig, answer);
        }
        boolean ordered = orders.stream().flatMap(List::stream).anyMatch(order -> order > 0);
        int bound = (1 + RouterSettings.DEFAULT.maxFallbacks()) * (1 + retries) * (ordered ? 2 : 1);
        assertThat(rig.providers.asked).hasSizeLessThanOrEqualTo(bound);
        Statistics.label("calls that try hard")
                .collect(rig.providers.asked.size() > 8)
                .coverage(coverage -> coverage.check(true).count(many -> many > 0));
    }

    private static Answer broken(Rig rig, Answer answer) {
        return rig.router
                .carryOn(new Continue(
                        new StreamOutcome(
                                "call",
                                answer.route().modelGroup(),
                                answer.route().deploymentId(),
                                Usage.NONE,
                                1,
                                2,
                                false,
                                false,
                                Rig.failure(FailureKind.CONNECTION)),
                        Fixtures.call("group", true, Envelope.Overrides.NONE, List.of(), List.of())))
                .result();
    }
}
