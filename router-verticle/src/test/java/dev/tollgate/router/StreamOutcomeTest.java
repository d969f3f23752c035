package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.protocol.Usage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamOutcomeTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");

    private final Rig rig = new Rig(Fixtures.settings("least-busy", 0, Map.of()), A, B);

    @Test
    void isUnderWayUntilItsEndAndMeasuredThen() {
        String id = rig.stream().route().deploymentId();
        assertThat(rig.board.load(id).inFlight()).isEqualTo(1);
        assertThat(rig.board.load(id).succeededThisMinute(rig.now)).isZero();
        String other = rig.stream().route().deploymentId();
        assertThat(other).as("the one without a stream").isNotEqualTo(id);

        rig.over(id, Usage.of(100, 50), 200, 5_000, null);

        assertThat(rig.board.load(id).inFlight()).isZero();
        assertThat(rig.board.load(id).succeededThisMinute(rig.now)).isEqualTo(1);
        assertThat(rig.board.load(id).tokensThisMinute(rig.now)).isEqualTo(150);
        assertThat(rig.board.load(id).firstToken().mean(0)).isEqualTo(0.2);
        assertThat(rig.board.load(id).perToken().mean(0)).isEqualTo(0.1);
        assertThat(rig.stream().route().deploymentId()).isEqualTo(id);
    }

    @Test
    void aFailureInTheMiddleCountsAgainstTheDeployment() {
        rig.stream();
        rig.over("a", Usage.of(100, 7), 200, 300, Rig.failure(FailureKind.RATE_LIMIT));
        assertThat(rig.board.cooled).containsOnlyKeys("a");
        assertThat(rig.board.load("a").tokensThisMinute(rig.now)).isEqualTo(107);
        assertThat(rig.board.load("a").perToken().mean(0)).isNaN();

        for (int i = 0; i < 5; i++) {
            rig.over("b", Usage.NONE, -1, 300, Rig.failure(FailureKind.CONNECTION));
        }
        assertThat(rig.board.cooled).containsKey("b");
    }

    @Test
    void aSilentStreamCountsAsThousandSecondsButNotWhenTheClientWasTheHastyOne() {
        Failure timeout = Rig.failure(FailureKind.TIMEOUT);
        rig.over("a", Usage.NONE, -1, 300, timeout);
        assertThat(rig.board.load("a").perToken().mean(0)).isEqualTo(1000);
        for (int i = 0; i < 10; i++) {
            rig.router.streamOver(new StreamOutcome("call", "group", "b", Usage.NONE, -1, 300, true, false, timeout));
        }
        assertThat(rig.board.load("b").perToken().mean(0)).isNaN();
        assertThat(rig.board.cooled).isEmpty();
    }

    @Test
    void aClientThatLeavesIsNeitherSuccessNorFailure() {
        String id = rig.stream().route().deploymentId();
        for (int i = 0; i < 10; i++) {
            rig.over(id, Usage.of(10, 1), 200, 300, Failure.of(FailureKind.CLIENT_GONE, ""));
        }
        assertThat(rig.board.cooled).isEmpty();
        assertThat(rig.board.load(id).inFlight()).isZero();
        assertThat(rig.board.load(id).succeededThisMinute(rig.now)).isZero();
        assertThat(rig.board.load(id).tokensThisMinute(rig.now)).isEqualTo(110);
        assertThat(rig.board.load(id).perToken().mean(0)).isNaN();
    }

    @Test
    void endsWellWhenItsDeploymentWasConfiguredAway() {
        String id = rig.stream().route().deploymentId();
        rig.configure(Fixtures.settings("least-busy", 0, Map.of()), Fixtures.deployment("c"));
        rig.over(id, Usage.NONE, -1, 300, Rig.failure(FailureKind.RATE_LIMIT));
        assertThat(rig.board.load(id).inFlight()).isZero();
        assertThat(rig.board.cooled).isEmpty();
    }
}
