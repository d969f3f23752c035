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
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Whatever is configured and however things fail: a call makes no more attempts than its configuration allows, and it ends. */
class BoundsTest {
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

    @Test
    void attemptsStayWithinTheConfiguredBound() {
        int most = 0;
        for (long seed = 1; seed <= 2_000; seed++) {
            most = Math.max(most, attempts(seed));
        }
        assertThat(most).as("the test reaches calls that try hard").isGreaterThan(12);
    }

    private static int attempts(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<String> groups = List.of("group", "g1", "g2", "g3");
        List<Deployment> deployments = new ArrayList<>();
        int orders = 1;
        for (String group : groups) {
            int members = 1 + random.nextInt(3);
            for (int i = 0; i < members; i++) {
                Integer order = random.nextInt(3) == 0 ? (Integer) (1 + random.nextInt(2)) : null;
                orders = order == null ? orders : 2;
                deployments.add(Fixtures.in(
                        group,
                        group + i,
                        new Deployment.Routing(null, null, null, order, null, null, null, null, List.of())));
            }
        }
        int retries = random.nextInt(4);
        Rig rig = new Rig(
                Fixtures.settings("simple-shuffle", retries, fallbacks(groups, random)),
                deployments.toArray(Deployment[]::new));
        for (Deployment deployment : deployments) {
            for (int i = random.nextInt(20); i > 0; i--) {
                rig.providers.fails(deployment.id(), Rig.failure(KINDS[random.nextInt(KINDS.length)]));
            }
        }
        boolean stream = random.nextBoolean();
        Answer answer = rig.ask(stream, List.of(), Envelope.Overrides.NONE).result();
        assertThat(answer).as("seed %s ends", seed).isNotNull();
        while (answer instanceof Answer.Streaming streaming && streaming.continuable()) {
            answer = broken(rig, answer);
        }
        int bound = (1 + RouterSettings.DEFAULT.maxFallbacks()) * (1 + retries) * orders;
        assertThat(rig.providers.asked).as("seed %s", seed).hasSizeLessThanOrEqualTo(bound);
        return rig.providers.asked.size();
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

    private static Map<String, List<String>> fallbacks(List<String> groups, RandomGenerator random) {
        Map<String, List<String>> table = new HashMap<>();
        for (String group : groups) {
            List<String> targets = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                targets.add(groups.get(random.nextInt(groups.size())));
            }
            table.put(group, targets);
        }
        return table;
    }
}
