package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.FailureKind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** One deployment and its state. */
    private record Member(
            boolean limited, int order, boolean tagged, boolean one, int begun, int ended, boolean cooled) {
        Deployment deployment(int number) {
            return Fixtures.in(
                    "group",
                    "d" + number,
                    routing(
                            limited ? 2L : null,
                            order == 0 ? null : order,
                            tagged ? List.of("t") : List.of(),
                            one ? 1 : null));
        }

        void happens(Rig rig, String id) {
            for (int i = 0; i < begun; i++) {
                rig.board.load(id).began(rig.now);
            }
            for (int i = 0; i < Math.min(begun, ended); i++) {
                rig.board.load(id).ended();
            }
            if (cooled) {
                rig.board.cool(id, rig.now + 1);
            }
        }

        boolean free(boolean tag) {
            return !cooled && (!limited || begun < 2) && (!one || begun <= ended) && (!tag || tagged);
        }

        int place() {
            return order == 0 ? Integer.MAX_VALUE : order;
        }
    }

    @Provide
    Arbitrary<List<Member>> groups() {
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        return Combinators.combine(
                        either,
                        Arbitraries.integers().between(0, 2),
                        either,
                        either,
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of(false, false, false, true))
                .as(Member::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> strategies() {
        return Arbitraries.of(
                "simple-shuffle",
                "least-busy",
                "latency-based-routing",
                "usage-based-routing-v2",
                "cost-based-routing");
    }

    /** Against rules written down once more, as plainly as can be. */
    @Property(tries = 2_000)
    void neverPicksOneThatIsCooledFullDisallowedOrOfAHigherOrderWhileAnotherIsLeft(
            @ForAll("strategies") String strategy, @ForAll("groups") List<Member> group, @ForAll boolean tag) {
        RouterSettings settings = Fixtures.with(
                Fixtures.settings(strategy, 0, Map.of(), new RouterSettings.Tags(true, true, ""), Map.of(), Map.of()),
                choosing(false, true, false, Map.of(), null),
                Map.of());
        Deployment[] deployments = new Deployment[group.size()];
        Arrays.setAll(deployments, i -> group.get(i).deployment(i));
        Rig rig = new Rig(settings, deployments);
        Set<String> allowed = new TreeSet<>();
        int lowest = group.stream()
                .filter(each -> each.free(tag))
                .mapToInt(Member::place)
                .min()
                .orElse(0);
        for (int i = 0; i < deployments.length; i++) {
            group.get(i).happens(rig, deployments[i].id());
            if (group.get(i).free(tag) && group.get(i).place() == lowest) {
                allowed.add(deployments[i].id());
            }
        }
        Set<String> explained = rig.likely(tag ? "t" : null);
        rig.route(tag ? new String[] {"t"} : new String[0]);
        assertThat(explained).as("explained").isSubsetOf(allowed);
        assertThat(explained.isEmpty()).isEqualTo(allowed.isEmpty());
        assertThat(rig.providers.asked).hasSize(allowed.isEmpty() ? 0 : 1);
        assertThat(explained).as("picked").containsAll(rig.providers.asked);
    }
}
