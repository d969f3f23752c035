package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RehearsalTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.in("plain", "b", Deployment.Routing.NONE);
    private static final Deployment C = Fixtures.in("large", "c", Deployment.Routing.NONE);
    private static final Deployment D = Fixtures.in("lax", "d", Deployment.Routing.NONE);

    private final Rig rig =
            new Rig(Fixtures.settings("simple-shuffle", 1, Map.of("group", List.of("plain"))), A, B, C, D);

    private Answer ask(Envelope.Rehearsal rehearsal) {
        Envelope.Special special = new Envelope.Special(List.of("large"), List.of("lax"), rehearsal, null, null);
        return rig.ask(false, List.of(), new Envelope.Overrides(null, null, null, null, false, special))
                .result();
    }

    @ParameterizedTest
    @CsvSource({"FALLBACK, b", "CONTEXT_WINDOW, c", "CONTENT_POLICY, d", "RATE_LIMIT, a"})
    void theFailureThatWasAskedForLeadsWhereARealOneWould(Envelope.Rehearsal rehearsal, String deployment) {
        assertThat(ask(rehearsal).route().deploymentId()).isEqualTo(deployment);
        assertThat(rig.providers.asked).containsExactly(deployment);
        assertThat(rig.board.cooled).isEmpty();
        assertThat(rig.board.load("a").inFlight()).isZero();
    }

    @Test
    void withoutAnythingToTurnToTheMadeUpFailureIsTheAnswer() {
        Envelope.Special special = new Envelope.Special(null, null, Envelope.Rehearsal.FALLBACK, null, null);
        Answer answer = rig.ask(false, List.of(), new Envelope.Overrides(null, null, null, null, true, special))
                .result();
        assertThat(Rig.refusal(answer).status()).isEqualTo(500);
        assertThat(Rig.refusal(answer).message()).contains("made up");
        assertThat(rig.providers.asked).isEmpty();
    }

    /** Otherwise any client could shut a deployment out for all others. */
    @Test
    void aFailureThatTheBodyMockedIsRetriedButCountsAgainstNoDeployment() {
        rig.providers.fails("a", Rig.failure(FailureKind.RATE_LIMIT), Rig.failure(FailureKind.RATE_LIMIT));
        Envelope.Special mocked = new Envelope.Special(null, null, null, "litellm.RateLimitError", 0);
        rig.ask(false, List.of(), new Envelope.Overrides(1, null, null, null, false, mocked));
        assertThat(rig.providers.asked).containsExactly("a", "a");
        assertThat(rig.board.cooled).isEmpty();
        assertThat(rig.board.load("a").inFlight()).isZero();
    }
}
