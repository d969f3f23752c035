package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a call goes on to from a deployment that has no other of its order, or of its group, beside it; and whether that one cools. */
class OnwardTest {
    private static Deployment of(String group, String id) {
        return Fixtures.in(group, id, Deployment.Routing.NONE);
    }

    private static Deployment ordered(String id, int order) {
        return Fixtures.in("a", id, new Deployment.Routing(null, null, null, order, null, null, null, null, List.of()));
    }

    private static RouterSettings settings(int retries, Map<String, List<String>> fallbacks) {
        return Fixtures.settings("simple-shuffle", retries, fallbacks);
    }

    private static Answer route(Rig rig, String model) {
        return rig.router
                .route(Fixtures.call(model, false, Envelope.Overrides.NONE, List.of(), List.of()))
                .result();
    }

    @Test
    void theLastOfAHigherOrderIsNotTheGroupsOnlyDeployment() {
        Rig rig = new Rig(settings(0, Map.of()), ordered("a1", 1), ordered("a2", 2));
        rig.providers.fails("a1", Rig.failure(FailureKind.UPSTREAM_ERROR));
        rig.providers.fails("a2", Rig.failure(FailureKind.RATE_LIMIT));
        route(rig, "a");
        assertThat(rig.providers.asked).containsExactly("a1", "a2");
        assertThat(rig.board.cooled).containsOnlyKeys("a2");
    }

    @Test
    void refusedCredentialsOfTheLastOfAHigherOrderAreNotTriedAgain() {
        Rig rig = new Rig(settings(2, Map.of()), ordered("a1", 1), ordered("a2", 2));
        rig.providers.fails("a1", Rig.failure(FailureKind.BAD_REQUEST));
        rig.providers.fails("a2", Rig.failure(FailureKind.UPSTREAM_AUTHENTICATION));
        assertThat(Rig.refusal(route(rig, "a")).kind()).isEqualTo(FailureKind.UPSTREAM_AUTHENTICATION);
        assertThat(rig.providers.asked).containsExactly("a1", "a2");
        assertThat(rig.waits).isEmpty();
    }

    private static final Failure FORBIDDEN =
            Failure.upstream(FailureKind.UPSTREAM_AUTHENTICATION, 403, "test", "flagged");

    @Test
    void whatTheUpstreamOfAnOnlyDeploymentForbidsFallsBackAndCoolsNobody() {
        Rig rig = new Rig(settings(2, Map.of("a", List.of("b"))), of("a", "a1"), of("b", "b1"));
        rig.providers.fails("a1", FORBIDDEN);
        assertThat(route(rig, "a").route().modelGroup()).isEqualTo("b");
        assertThat(route(rig, "a").route().modelGroup()).isEqualTo("a");
        assertThat(rig.board.cooled).isEmpty();
    }

    @Test
    void whatTheUpstreamOfOneOfSeveralForbidsIsTriedElsewhereAndCoolsNobody() {
        Rig rig = new Rig(settings(2, Map.of()), of("a", "a1"), of("a", "a2"));
        for (int i = 0; i < 20; i++) {
            rig.providers.fails("a1", FORBIDDEN);
            assertThat(route(rig, "a").route().deploymentId()).isEqualTo("a2");
        }
        assertThat(rig.providers.asked).contains("a1");
        assertThat(rig.board.cooled).isEmpty();
    }

    private static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("a", Map.of("a", List.of("b"), "b", List.of("c"))),
                Arguments.of("alias", Map.of("a", List.of("b"), "b", List.of("c"))),
                Arguments.of("a", Map.of("a", List.of("b", "c"))),
                Arguments.of("alias", Map.of("a", List.of("b", "c"))),
                Arguments.of("alias", Map.of("alias", List.of("b", "c"))));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void aRateLimitIsNotWaitedForWhereAnyListOfGroupsOnTheWayLeadsOn(
            String asked, Map<String, List<String>> fallbacks) {
        RouterSettings settings = settings(2, fallbacks);
        Rig rig = new Rig(settings);
        rig.aliases = Map.of("alias", "a");
        rig.configure(settings, of("a", "a1"), of("b", "b1"), of("c", "c1"));
        Failure limit = Rig.failure(FailureKind.RATE_LIMIT).withRetryAfter(Duration.ofSeconds(30));
        rig.providers.fails("a1", Rig.failure(FailureKind.BAD_REQUEST));
        rig.providers.fails("b1", limit, limit, limit);
        assertThat(route(rig, asked)).isInstanceOf(Answer.Whole.class);
        assertThat(rig.providers.asked).containsExactly("a1", "b1", "c1");
        assertThat(rig.waits).isEmpty();
    }
}
