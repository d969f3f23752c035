package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.FailureKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code router_settings} let narrow the choice. */
class ChoosingTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");
    private static final Deployment C = Fixtures.deployment("c");

    private static RouterSettings.Choosing choosing(
            boolean preCall,
            boolean limits,
            boolean failover,
            Map<String, Double> weights,
            @Nullable Integer parallel) {
        return new RouterSettings.Choosing(preCall, limits, Set.of(), Map.of(), failover, weights, parallel, false);
    }

    private static Deployment parallel(String id, @Nullable Integer most) {
        return Fixtures.in("group", id, routing(null, null, List.of(), most));
    }

    private static Deployment.Routing routing(
            @Nullable Long rpm, @Nullable Integer order, List<String> tags, @Nullable Integer parallel) {
        return new Deployment.Routing(
                null,
                rpm,
                null,
                order,
                null,
                null,
                null,
                null,
                tags,
                new Deployment.Fit(parallel, null, null, List.of()));
    }

    @ParameterizedTest
    @CsvSource({"false, UPSTREAM_ERROR, 1", "true, UPSTREAM_ERROR, 3", "true, RATE_LIMIT, 3", "true, BAD_REQUEST, 1"})
    void weightedFailoverTriesEveryDeploymentOnceBeforeTheCallLeavesTheGroup(
            boolean on, FailureKind kind, int attempts) {
        Rig rig = new Rig(Fixtures.choosing("simple-shuffle", choosing(false, false, on, Map.of(), null)), A, B, C);
        for (String id : List.of("a", "b", "c")) {
            rig.providers.fails(id, Rig.failure(kind), Rig.failure(kind));
        }
        assertThat(Rig.refusal(rig.route()).kind()).isEqualTo(kind);
        assertThat(rig.providers.asked).hasSize(attempts).doesNotHaveDuplicates();
    }

    /** One that stood in for a lower order has had its turn; the failover tries the others of the lower order, and nobody again. */
    @ParameterizedTest
    @CsvSource({"0, UPSTREAM_ERROR, 4", "0, TIMEOUT, 4", "1, UPSTREAM_ERROR, 5"})
    void weightedFailoverTriesNobodyAgainThatAnOrderHasTried(int retries, FailureKind last, int attempts) {
        RouterSettings plain = Fixtures.settings(
                "simple-shuffle", retries, Map.of(), RouterSettings.Tags.DEFAULT, Map.of("TimeoutError", 3), Map.of());
        Rig rig = new Rig(
                Fixtures.with(plain, choosing(false, false, true, Map.of(), null), Map.of()),
                Fixtures.in("group", "a", routing(null, 1, List.of(), null)),
                Fixtures.in("group", "b", routing(null, 1, List.of(), null)),
                Fixtures.in("group", "c", routing(null, 2, List.of(), null)),
                Fixtures.in("group", "d", routing(null, null, List.of(), null)));
        for (int i = 0; i < 9; i++) {
            for (String id : List.of("a", "b", "c")) {
                rig.providers.fails(id, Rig.failure(FailureKind.UPSTREAM_ERROR));
            }
            rig.providers.fails("d", Rig.failure(last));
        }
        assertThat(Rig.refusal(rig.route()).kind()).isEqualTo(last);
        assertThat(rig.providers.asked).hasSize(attempts).contains("a", "b", "c", "d");
    }

    @Test
    void weightsOfTheSettingsComeBeforeThoseOfTheDeployments() {
        Map<String, Double> weights = Map.of("a", 3.0, "test/model-b", 1.0, "group\nc", 4.0, "c", 100.0);
        Rig rig = new Rig(
                Fixtures.choosing("simple-shuffle", choosing(false, false, false, weights, null)),
                A,
                Fixtures.weighted("b", 50.0, null),
                C);
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            shares.merge(rig.route().route().deploymentId(), 1e-4, Double::sum);
        }
        assertThat(shares.get("a")).isCloseTo(3 / 8.0, within(0.02));
        assertThat(shares.get("b")).isCloseTo(1 / 8.0, within(0.02));
        assertThat(shares.get("c")).isCloseTo(4 / 8.0, within(0.02));
    }

    @ParameterizedTest
    @CsvSource({"false, false, 9", "true, false, 3", "false, true, 3"})
    void rpmHoldsUnderAnyStrategyOnceItIsEnforced(boolean preCall, boolean enforced, int answered) {
        Rig rig = new Rig(
                Fixtures.choosing("simple-shuffle", choosing(preCall, enforced, false, Map.of(), null)),
                Fixtures.limited("a", 1L, null),
                Fixtures.limited("b", 2L, null));
        for (int i = 0; i < 9; i++) {
            rig.route();
        }
        assertThat(rig.providers.asked).hasSize(answered);
    }

    /** Against rules written down once more, as plainly as can be. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "simple-shuffle",
                "least-busy",
                "latency-based-routing",
                "usage-based-routing-v2",
                "cost-based-routing"
            })
    void neverPicksOneThatIsCooledFullDisallowedOrOfAHigherOrderWhileAnotherIsLeft(String strategy) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2026);
        RouterSettings settings = Fixtures.with(
                Fixtures.settings(strategy, 0, Map.of(), new RouterSettings.Tags(true, true, ""), Map.of(), Map.of()),
                choosing(false, true, false, Map.of(), null),
                Map.of());
        for (int state = 0; state < 400; state++) {
            Deployment[] group = new Deployment[1 + random.nextInt(6)];
            for (int i = 0; i < group.length; i++) {
                group[i] = Fixtures.in(
                        "group",
                        "d" + i,
                        routing(
                                random.nextBoolean() ? 2L : null,
                                random.nextBoolean() ? 1 + random.nextInt(2) : null,
                                random.nextBoolean() ? List.of("t") : List.of(),
                                random.nextBoolean() ? 1 : null));
            }
            Rig rig = new Rig(settings, group);
            boolean tagged = random.nextBoolean();
            Set<String> allowed = new TreeSet<>();
            int lowest = Integer.MAX_VALUE;
            for (Deployment each : group) {
                int begun = random.nextInt(4);
                int ended = random.nextInt(begun + 1);
                for (int i = 0; i < begun; i++) {
                    rig.board.load(each.id()).began(rig.now);
                }
                for (int i = 0; i < ended; i++) {
                    rig.board.load(each.id()).ended();
                }
                boolean cooled = random.nextInt(4) == 0;
                if (cooled) {
                    rig.board.cool(each.id(), rig.now + 1);
                }
                boolean free = !cooled
                        && (each.routing().rpm() == null || begun < 2)
                        && (each.routing().fit().maxParallel() == null || begun - ended < 1)
                        && (!tagged || each.routing().tags().contains("t"));
                int order = each.routing().order() == null
                        ? Integer.MAX_VALUE
                        : each.routing().order();
                if (free && order < lowest) {
                    allowed.clear();
                    lowest = order;
                }
                if (free && order == lowest) {
                    allowed.add(each.id());
                }
            }
            Set<String> explained = rig.likely(tagged ? "t" : null);
            rig.route(tagged ? new String[] {"t"} : new String[0]);
            assertThat(explained).as("explained, state " + state).isSubsetOf(allowed);
            assertThat(explained.isEmpty()).as("state " + state).isEqualTo(allowed.isEmpty());
            assertThat(rig.providers.asked).as("state " + state).hasSize(allowed.isEmpty() ? 0 : 1);
            assertThat(explained).as("picked, state " + state).containsAll(rig.providers.asked);
        }
    }
}
