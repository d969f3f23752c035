package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strategies as the router uses them. */
class StrategyChoiceTest {

    private static RouterSettings strategy(String name) {
        return Fixtures.settings(name, 0, Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "simple-shuffle, false, false",
        "least-busy, false, false",
        "latency-based-routing, true, true",
        "usage-based-routing, true, false",
        "usage-based-routing-v2, true, true",
        "cost-based-routing, true, true"
    })
    void neverPicksACooledOrOverLimitDeploymentWhileAnAllowedOneExists(String name, boolean limits, boolean begun) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(99);
        for (int state = 0; state < 500; state++) {
            Deployment[] group = new Deployment[1 + random.nextInt(5)];
            for (int i = 0; i < group.length; i++) {
                group[i] =
                        Fixtures.limited("d" + i, random.nextBoolean() ? 3L : null, random.nextBoolean() ? 100L : null);
            }
            Rig rig = new Rig(strategy(name), group);
            Set<String> allowed = new HashSet<>();
            for (Deployment each : group) {
                if (fill(rig, each, random, limits, begun)) {
                    allowed.add(each.id());
                }
            }
            Answer answer = rig.ask(random.nextBoolean(), List.of(), Envelope.Overrides.NONE)
                    .result();
            if (allowed.isEmpty()) {
                assertThat(rig.providers.asked).as("state " + state).isEmpty();
                assertThat(Rig.refusal(answer).status()).isEqualTo(429);
            } else {
                assertThat(allowed).as("state " + state).containsAll(rig.providers.asked);
                assertThat(rig.providers.asked).as("state " + state).hasSize(1);
            }
        }
    }

    /** Random figures; says whether the deployment may be used by the rules. */
    private static boolean fill(Rig rig, Deployment each, RandomGenerator random, boolean limits, boolean begun) {
        Load load = rig.board.load(each.id());
        int starts = random.nextInt(6);
        int ends = random.nextInt(starts + 1);
        long tokens = random.nextInt(200);
        for (int i = 0; i < starts; i++) {
            load.began(rig.now);
            if (i < ends) {
                load.ended();
                load.succeeded(rig.now);
                load.perToken().add(random.nextDouble(), rig.now, 10);
            }
        }
        load.used(rig.now, tokens);
        boolean cooled = random.nextInt(3) == 0;
        if (cooled) {
            rig.board.cool(each.id(), rig.now + 1);
        }
        boolean within = (each.routing().rpm() == null || (begun ? starts : ends) < 3)
                && (each.routing().tpm() == null || tokens < 100);
        return !cooled && (within || !limits);
    }

    @Test
    void aBurstDoesNotPassRpmAndTheRestIsToldToWaitAMinute() {
        Rig rig = new Rig(
                strategy("usage-based-routing-v2"), Fixtures.limited("a", 2L, null), Fixtures.limited("b", 3L, null));
        rig.providers.gate = Promise.promise();
        for (int i = 0; i < 5; i++) {
            rig.ask(false, List.of(), Envelope.Overrides.NONE);
        }
        assertThat(rig.providers.asked).containsOnly("a", "b").hasSize(5);

        Failure failure = Rig.refusal(rig.route());

        assertThat(failure.status()).isEqualTo(429);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(60));
        assertThat(failure.message()).contains("limit");
        assertThat(rig.providers.asked).hasSize(5);
        rig.now += 60_000;
        rig.ask(false, List.of(), Envelope.Overrides.NONE);
        assertThat(rig.providers.asked).as("a new minute").hasSize(6);
    }

    /** The router keeps figures beside a group's deployments; they must be those of the id. */
    @Test
    void figuresAreThoseOfTheIdAfterAReloadAndUnderEachNameOfAWildcard() {
        Deployment[] wild = {
            Fixtures.in("*", "a", Deployment.Routing.NONE), Fixtures.in("*", "b", Deployment.Routing.NONE)
        };
        Rig rig = new Rig(strategy("least-busy"), wild);
        rig.board.load("a").began(rig.now);
        for (int i = 0; i < 2; i++) {
            for (String name : List.of("group", "other", "group")) {
                rig.router.route(Fixtures.call(name, false, Envelope.Overrides.NONE, List.of(), List.of()));
            }
            rig.configure(strategy("least-busy"), wild[1].copyFor("*", "b"), wild[0].copyFor("*", "a"));
        }
        assertThat(rig.providers.asked).hasSize(6).containsOnly("b");

        rig.board.cool("b", rig.now + 1_000);
        rig.route();
        assertThat(rig.providers.asked.getLast()).isEqualTo("a");
        rig.now += 1_000;
        rig.route();
        assertThat(rig.providers.asked.getLast()).isEqualTo("b");
    }

    @Test
    void aHigherOrderStandsInForOneThatIsOverItsLimit() {
        Deployment first =
                Fixtures.in("group", "a", new Deployment.Routing(null, 1L, null, 1, null, null, null, null, List.of()));
        Deployment second = Fixtures.in(
                "group", "b", new Deployment.Routing(null, null, null, 2, null, null, null, null, List.of()));
        Rig rig = new Rig(strategy("usage-based-routing-v2"), first, second);
        rig.route();
        rig.route();
        assertThat(rig.providers.asked).containsExactly("a", "b");
    }

    @Test
    void wholeAnswersAreMeasuredAndTimeoutsCountAsThousandSeconds() {
        Rig rig = new Rig(strategy("latency-based-routing"), Fixtures.deployment("a"), Fixtures.deployment("b"));
        rig.providers.fails("a", Rig.failure(FailureKind.TIMEOUT));
        while (!rig.providers.asked.contains("a") || !rig.providers.asked.contains("b")) {
            rig.route();
        }
        Load good = rig.board.load("b");
        assertThat(rig.board.load("a").perToken().mean(0)).isEqualTo(1000);
        assertThat(good.perToken().mean(0)).isBetween(0.0, 1.0);
        assertThat(good.tokensThisMinute(rig.now)).isEqualTo(15);
        assertThat(good.inFlight()).isZero();
        rig.providers.asked.clear();
        for (int i = 0; i < 20; i++) {
            rig.route();
        }
        assertThat(rig.providers.asked).containsOnly("b");
    }

    @Test
    void aReloadChangesTheStrategyAndKeepsTheFigures() {
        Deployment a = Fixtures.deployment("a");
        Deployment b = Fixtures.deployment("b");
        Rig rig = new Rig(strategy("simple-shuffle"), a, b);
        rig.board.load("a").began(rig.now);
        for (int i = 0; i < 20; i++) {
            rig.route();
        }
        assertThat(rig.providers.asked).contains("a", "b");
        rig.providers.asked.clear();

        rig.configure(strategy("least-busy"), a, b);

        for (int i = 0; i < 20; i++) {
            rig.route();
        }
        assertThat(rig.providers.asked).containsOnly("b");
    }
}
