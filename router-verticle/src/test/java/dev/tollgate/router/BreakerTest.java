package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Closed, open, half-open: who is called while a deployment recovers. */
class BreakerTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");
    private static final long COOLDOWN = 5_000;

    private final Rig rig = new Rig(Fixtures.settings("simple-shuffle", 0, Map.of()), A, B);

    private List<Future<Answer>> ask(int calls) {
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            answers.add(rig.ask(false, List.of(), Envelope.Overrides.NONE));
        }
        return answers;
    }

    private int askedOfA() {
        return Collections.frequency(rig.providers.asked, "a");
    }

    private void coolA() {
        rig.board.cool("a", rig.now + COOLDOWN);
        rig.providers.asked.clear();
    }

    @Test
    void afterTheCooldownOneCallTriesAndTheOthersStayAwayUntilItHasAnswered() {
        coolA();
        ask(50);
        assertThat(askedOfA()).as("open").isZero();

        rig.now += COOLDOWN;
        Promise<Void> gate = Promise.promise();
        rig.providers.gate = gate;
        ask(50);
        assertThat(askedOfA()).as("half-open").isOne();

        gate.complete();
        rig.providers.gate = null;
        ask(50);
        assertThat(askedOfA()).as("closed").isGreaterThan(10);
    }

    @Test
    void aTrialThatFailsOpensItAgainAtOnce() {
        coolA();
        rig.now += COOLDOWN;
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_ERROR));
        ask(50);
        assertThat(askedOfA()).isOne();
        assertThat(rig.board.cooledUntil("a")).isEqualTo(rig.now + COOLDOWN);
    }

    @ParameterizedTest
    @EnumSource(names = {"BAD_REQUEST", "CLIENT_GONE", "CONTEXT_WINDOW"})
    void aTrialThatSaysNothingIsFollowedByAnother(FailureKind kind) {
        coolA();
        rig.now += COOLDOWN;
        rig.providers.fails("a", Failure.of(kind, "says nothing of the deployment"));
        ask(50);
        assertThat(askedOfA()).isGreaterThan(10);
        assertThat(rig.board.cooledUntil("a")).isEqualTo(rig.now);
    }

    @Test
    void aStreamThatBeginsEndsTheTrial() {
        coolA();
        rig.now += COOLDOWN;
        for (int i = 0; i < 50; i++) {
            rig.stream();
        }
        assertThat(askedOfA()).isGreaterThan(10);
        rig.over("a", Usage.NONE, 1, 2, null);
    }

    @Test
    void whenNobodyElseCanServeCallsPassDuringATrial() {
        coolA();
        rig.board.cool("b", rig.now + 60_000);
        rig.now += COOLDOWN;
        rig.providers.gate = Promise.promise();
        ask(10);
        assertThat(askedOfA()).isEqualTo(10);
    }

    @Test
    void anOnlyDeploymentIsNeverOnTrial() {
        rig.configure(Fixtures.settings("simple-shuffle", 0, Map.of()), A);
        coolA();
        rig.now += COOLDOWN;
        rig.providers.gate = Promise.promise();
        ask(10);
        assertThat(askedOfA()).isEqualTo(10);
    }

    /** The same id, but elsewhere. */
    private static Deployment moved(Deployment from) {
        return new Deployment(
                from.id(),
                from.group(),
                from.provider(),
                from.upstreamModel(),
                "http://elsewhere",
                from.apiKey(),
                from.apiVersion(),
                from.organization(),
                from.extraHeaders(),
                from.defaults(),
                from.routing(),
                from.prices(),
                from.info(),
                from.mockResponse(),
                from.origin());
    }

    @Test
    void aDeploymentThatIsChangedUnderItsIdBeginsAnew() {
        RouterSettings settings = Fixtures.settings("simple-shuffle", 0, Map.of());
        coolA();
        rig.configure(settings, B, A);
        ask(50);
        assertThat(askedOfA()).as("nothing changed about it").isZero();
        rig.configure(settings, moved(A), B);
        ask(50);
        assertThat(askedOfA()).isGreaterThan(10);
        coolA();
        rig.configure(settings, B);
        rig.configure(settings, moved(A), B);
        ask(50);
        assertThat(askedOfA()).as("it was gone meanwhile").isGreaterThan(10);
    }

    @Test
    void whatBeganBeforeTheChangeSaysNothingOfTheChangedDeployment() {
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_AUTHENTICATION));
        Promise<Void> gate = Promise.promise();
        rig.providers.gate = gate;
        ask(50);
        assertThat(askedOfA()).isGreaterThan(10);
        rig.configure(Fixtures.settings("simple-shuffle", 0, Map.of()), moved(A), B);
        gate.complete();
        rig.providers.gate = null;
        assertThat(rig.board.cooledUntil("a")).isZero();
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_AUTHENTICATION));
        ask(50);
        assertThat(rig.board.cooledUntil("a")).as("its own failure").isPositive();
    }

    private void seen(FailureKind kind, String... ill) {
        rig.router.healthSeen(new HealthRound(
                Stream.of(ill).map(id -> new ProbeResult(id, Rig.failure(kind))).toList(), rig.now));
    }

    @Test
    void whoFailedItsHealthCheckIsAvoidedWhileThatIsNews() {
        rig.configure(
                Fixtures.settings("simple-shuffle", 0, Map.of()),
                new GeneralSettings.HealthChecks(true, Duration.ofSeconds(10), true),
                A,
                B);
        seen(FailureKind.UPSTREAM_ERROR, "a");
        ask(50);
        assertThat(askedOfA()).isZero();

        seen(FailureKind.UPSTREAM_ERROR, "a", "b");
        ask(50);
        assertThat(askedOfA()).as("when all failed, none is avoided").isGreaterThan(10);

        rig.providers.asked.clear();
        seen(FailureKind.BAD_REQUEST, "a");
        ask(50);
        assertThat(askedOfA()).as("the probe was wrong, not the deployment").isGreaterThan(10);

        seen(FailureKind.UPSTREAM_ERROR, "a");
        rig.now += 20_000;
        rig.providers.asked.clear();
        ask(50);
        assertThat(askedOfA()).as("two rounds are missing").isGreaterThan(10);
    }

    @Test
    void healthChecksDoNotRouteUnlessThatIsWanted() {
        seen(FailureKind.UPSTREAM_ERROR, "a");
        ask(50);
        assertThat(askedOfA()).isGreaterThan(10);
    }

    @Test
    void aTrialThatTakesLongDoesNotShutTheDeploymentOut() {
        coolA();
        rig.now += COOLDOWN;
        rig.providers.gate = Promise.promise();
        ask(50);
        assertThat(askedOfA()).as("one tries").isEqualTo(1);
        rig.now += 10_000;
        ask(50);
        assertThat(askedOfA()).as("another one may, too").isEqualTo(2);
    }
}
