package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Continue;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContinuationTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");
    private static final Deployment OTHER = Fixtures.in("other", "c", Deployment.Routing.NONE);

    private static Rig rig(int retries, Map<String, List<String>> fallbacks, Deployment... deployments) {
        return new Rig(Fixtures.settings("simple-shuffle", retries, fallbacks), deployments);
    }

    private static Future<Answer> carriedOn(Rig rig, Answer broken) {
        Call longer = Fixtures.call("group", true, Envelope.Overrides.NONE, List.of(), List.of());
        String id = broken.route().deploymentId();
        return rig.router.carryOn(new Continue(
                new StreamOutcome(
                        "call",
                        broken.route().modelGroup(),
                        id,
                        Usage.of(10, 3),
                        5,
                        50,
                        false,
                        false,
                        Rig.failure(FailureKind.CONNECTION)),
                longer));
    }

    private static boolean continuable(Answer answer) {
        return ((Answer.Streaming) answer).continuable();
    }

    @Test
    void anotherDeploymentGoesOnAndTheBoundOfRetriesHolds() {
        Rig rig = rig(1, Map.of(), A, B);
        Answer first = rig.stream();
        assertThat(continuable(first)).isTrue();

        Answer second = carriedOn(rig, first).result();

        assertThat(rig.providers.asked).containsExactlyInAnyOrder("a", "b");
        assertThat(second.route().attempts()).hasSize(2);
        assertThat(second.route().attempts().get(0).brief()).endsWith("=200,broke:CONNECTION");
        assertThat(continuable(second)).as("no retry is left").isFalse();
        assertThat(rig.board.load(first.route().deploymentId()).inFlight()).isZero();
        assertThat(rig.board.load(second.route().deploymentId()).inFlight()).isOne();
        assertThat(Rig.refusal(carriedOn(rig, second).result()).kind()).isEqualTo(FailureKind.INTERNAL);
        assertThat(rig.providers.asked).hasSize(2);
    }

    @Test
    void aFallbackGoesOnWhereTheGroupHasNobodyLeft() {
        Rig rig = rig(0, Map.of("group", List.of("other")), A, B, OTHER);
        Answer first = rig.stream();

        Answer second = carriedOn(rig, first).result();

        assertThat(second.route().deploymentId()).isEqualTo("c");
        assertThat(second.route().fallbacks()).isOne();
        assertThat(continuable(second)).isFalse();
    }

    @Test
    void nothingIsKeptForAStreamThatNobodyCouldCarryOn() {
        assertThat(continuable(rig(2, Map.of(), A).stream()))
                .as("the only deployment")
                .isFalse();
        assertThat(continuable(rig(0, Map.of(), A, B).stream()))
                .as("no retries")
                .isFalse();
        assertThat(continuable(rig(0, Map.of("group", List.of("nobody")), A).stream()))
                .as("a fallback that does not exist")
                .isFalse();
        Rig off = rig(2, Map.of(), A, B);
        off.configure(Fixtures.trying(new RouterSettings.Trying(false, RouterSettings.Hedging.OFF)), A, B);
        assertThat(continuable(off.stream())).as("switched off").isFalse();
    }

    @Test
    void aStreamThatEndedIsForgotten() {
        Rig rig = rig(2, Map.of(), A, B);
        Answer first = rig.stream();
        rig.over(first.route().deploymentId(), Usage.NONE, 1, 2, null);

        assertThat(Rig.refusal(carriedOn(rig, first).result()).kind()).isEqualTo(FailureKind.INTERNAL);
    }

    @Test
    void aClientThatLeavesCallsTheNewAttemptOff() {
        Rig rig = rig(2, Map.of(), A, B);
        Answer first = rig.stream();
        rig.providers.gate = Promise.promise();
        carriedOn(rig, first);

        rig.router.abandon("call");

        assertThat(rig.calledOff).containsExactly("call~1");
    }
}
