package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoliciesTest {
    private static final Deployment A = Fixtures.deployment("a");

    private static Rig rig(int retries, Map<String, Integer> retry, Map<String, Integer> fails, Deployment... group) {
        return new Rig(
                Fixtures.settings("simple-shuffle", retries, Map.of(), RouterSettings.Tags.DEFAULT, retry, fails),
                group);
    }

    private static Failure[] many(FailureKind kind) {
        return Collections.nCopies(20, Rig.failure(kind)).toArray(Failure[]::new);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "RATE_LIMIT, none, 4",
                "RATE_LIMIT, 5, 4",
                "RATE_LIMIT, 0, 1",
                "BAD_REQUEST, none, 2",
                "CONTEXT_WINDOW, none, 2",
                "OVERLOADED, 5, 1",
                "UPSTREAM_ERROR, 2, 3",
                "UPSTREAM_ERROR, none, 2",
                "UNPROCESSABLE, 2, 1"
            })
    void aRetryPolicyWinsOverEveryOtherFigureButAClientsZero(FailureKind kind, Integer asked, int attempts) {
        Rig rig = rig(1, Map.of("RateLimitError", 3, "BadRequestError", 1, "ServiceUnavailableError", 0), Map.of(), A);
        rig.providers.fails("a", many(kind));
        rig.ask(false, List.of(), new Envelope.Overrides(asked, null, null, null, false));
        assertThat(rig.providers.asked).hasSize(attempts);
    }

    @Test
    void aFailureWithoutAPolicyGoesByTheUsualFigureAgain() {
        Rig rig = rig(1, Map.of("RateLimitError", 9), Map.of(), A);
        rig.providers.fails("a", Rig.failure(FailureKind.RATE_LIMIT));
        rig.providers.fails("a", many(FailureKind.UPSTREAM_ERROR));
        rig.route();
        assertThat(rig.providers.asked).hasSize(2);
    }

    @Test
    void anAllowedFailsPolicyHoldsForAnOnlyDeploymentsRefusedCredentials() {
        Rig rig = rig(0, Map.of(), Map.of("AuthenticationError", 2), A);
        rig.providers.fails("a", many(FailureKind.UPSTREAM_AUTHENTICATION));
        rig.route();
        rig.route();
        assertThat(rig.board.cooled).isEmpty();
        rig.route();
        assertThat(rig.board.cooled).containsOnlyKeys("a");
    }

    @Test
    void withoutAPolicyForThemRefusedCredentialsCoolAnOnlyDeploymentAtOnceAndOtherErrorsNever() {
        Rig rig = rig(0, Map.of(), Map.of("InternalServerError", 0), A);
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_ERROR));
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_AUTHENTICATION));
        rig.route();
        assertThat(rig.board.cooled).isEmpty();
        rig.route();
        assertThat(rig.board.cooled).containsOnlyKeys("a");
    }

    @Test
    void anAllowedFailsPolicyCountsEachKindForItself() {
        Rig rig = rig(0, Map.of(), Map.of("RateLimitError", 2, "InternalServerError", 3), A, Fixtures.deployment("b"));
        Failure limit = Rig.failure(FailureKind.RATE_LIMIT);
        Failure error = Rig.failure(FailureKind.UPSTREAM_ERROR);
        for (Failure each : List.of(error, limit, error, limit, error)) {
            rig.over("a", Usage.NONE, -1, 1, each);
        }
        assertThat(rig.board.cooled).isEmpty();
        rig.over("a", Usage.NONE, -1, 1, limit);
        assertThat(rig.board.cooled).containsOnlyKeys("a");
    }
}
