package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lanes of a node count failures together, and after a cooldown one call tries the deployment for all of them. */
class NodeTrialTest {
    private static final long COOLDOWN = 5_000;

    /** Two lanes of one node; the random figures of both are always 0, which draws "a" wherever it may be drawn. */
    private static final class TwoLanes implements AutoCloseable {
        final Vertx vertx = Vertx.vertx();
        final NodeLoads node = new NodeLoads(2);
        final Rig first = lane(0, () -> {});
        final Rig second = lane(1, this::drawn);

        /** What happens on the first lane while the second one chooses. */
        Runnable meanwhile = () -> {};

        private Rig lane(int number, Runnable drawn) {
            RandomGenerator random = () -> {
                drawn.run();
                return 0;
            };
            return new Rig(
                    new PlainBoard(new LocalLoadBoard(vertx, number, node)::load),
                    random,
                    Fixtures.settings("simple-shuffle", 0, Map.of()),
                    Fixtures.deployment("a"),
                    Fixtures.deployment("b"));
        }

        void configure(RouterSettings settings) {
            first.configure(settings, Fixtures.deployment("a"), Fixtures.deployment("b"));
            second.configure(settings, Fixtures.deployment("a"), Fixtures.deployment("b"));
        }

        private void drawn() {
            Runnable now = meanwhile;
            meanwhile = () -> {};
            now.run();
        }

        /** On both lanes, and now it is over. */
        void coolsA() {
            for (Rig lane : List.of(first, second)) {
                lane.board.cool("a", lane.now + COOLDOWN);
                lane.now += COOLDOWN;
            }
        }

        @Override
        public void close() {
            vertx.close().await();
        }
    }

    /** As streams that break, one on each lane in turn. */
    private static void fail(TwoLanes lanes, int failures, FailureKind kind) {
        for (int i = 0; i < failures; i++) {
            Rig lane = i % 2 == 0 ? lanes.first : lanes.second;
            lane.over("a", Usage.NONE, -1, 1, Rig.failure(kind));
        }
    }

    private static boolean cooled(TwoLanes lanes) {
        return lanes.first.board.cooledUntil("a") > 0 || lanes.second.board.cooledUntil("a") > 0;
    }

    @Test
    void failuresOfAllLanesAddUpToThoseThatAreAllowed() {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.configure(Fixtures.allowing(3, Fixtures.settings("simple-shuffle", 0, Map.of())));
            fail(lanes, 3, FailureKind.UPSTREAM_ERROR);
            assertThat(cooled(lanes)).as("as many as are allowed").isFalse();
            fail(lanes, 1, FailureKind.CONNECTION);
            assertThat(lanes.first.board.cooledUntil("a")).isEqualTo(lanes.first.now + COOLDOWN);
            fail(lanes, 2, FailureKind.UPSTREAM_ERROR);
            assertThat(lanes.second.board.cooledUntil("a")).as("counted anew").isZero();
        }
    }

    @Test
    void failuresOfAKindAddUpOverLanesAndAreForgottenWithTheMinute() {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.configure(Fixtures.settings(
                    "simple-shuffle",
                    0,
                    Map.of(),
                    RouterSettings.Tags.DEFAULT,
                    Map.of(),
                    Map.of("RateLimitError", 1, "InternalServerError", 1)));
            fail(lanes, 1, FailureKind.RATE_LIMIT);
            fail(lanes, 1, FailureKind.UPSTREAM_ERROR);
            assertThat(cooled(lanes)).as("one of each kind").isFalse();
            lanes.first.now += 60_000;
            lanes.second.now += 60_000;
            fail(lanes, 1, FailureKind.RATE_LIMIT);
            assertThat(cooled(lanes)).as("another minute").isFalse();
            lanes.second.over("a", Usage.NONE, -1, 1, Rig.failure(FailureKind.RATE_LIMIT));
            assertThat(cooled(lanes)).isTrue();
        }
    }

    @Test
    void theUsualRuleLooksAtTheAttemptsOfAllLanes() {
        try (TwoLanes lanes = new TwoLanes()) {
            fail(lanes, 4, FailureKind.CONNECTION);
            assertThat(cooled(lanes)).as("too few to tell").isFalse();
            fail(lanes, 1, FailureKind.CONNECTION);
            assertThat(cooled(lanes)).isTrue();
        }
        try (TwoLanes lanes = new TwoLanes()) {
            for (int i = 0; i < 6; i++) {
                lanes.second.over("a", Usage.NONE, -1, 1, null);
            }
            fail(lanes, 6, FailureKind.CONNECTION);
            assertThat(cooled(lanes))
                    .as("half of them answered, on the other lane")
                    .isFalse();
            fail(lanes, 1, FailureKind.CONNECTION);
            assertThat(cooled(lanes)).isTrue();
        }
    }

    @Test
    void oneCallOfTheNodeTriesWhicheverLaneItIsOnAndItsOutcomeHoldsForAll() {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.coolsA();
            Promise<Void> gate = Promise.promise();
            lanes.first.providers.gate = gate;
            lanes.first.ask(false, List.of(), Envelope.Overrides.NONE);
            lanes.second.route();
            assertThat(lanes.first.providers.asked).containsExactly("a");
            assertThat(lanes.second.providers.asked).as("half-open").containsExactly("b");
            gate.complete();
            lanes.second.providers.gate = Promise.promise();
            for (int i = 0; i < 3; i++) {
                lanes.second.ask(false, List.of(), Envelope.Overrides.NONE);
            }
            assertThat(lanes.second.providers.asked)
                    .as("closed: no lane tries again by itself")
                    .containsExactly("b", "a", "a", "a");
        }
    }

    @Test
    void otherLanesStayAwayAfterATrialThatFailedEvenBeforeTheyAreToldOfTheCooldown() {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.coolsA();
            lanes.first.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_ERROR));
            lanes.first.route();
            lanes.second.route();
            assertThat(lanes.second.providers.asked).containsExactly("b");
            lanes.second.now += COOLDOWN;
            lanes.second.route();
            assertThat(lanes.second.providers.asked).as("the next trial").containsExactly("b", "a");
        }
    }

    @Test
    void anOldStreamThatEndsWellDuringTheCooldownDoesNotReplaceTheTrial() {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.second.stream();
            lanes.coolsA();
            lanes.second.now -= 3_000;
            lanes.second.over("a", Usage.NONE, 1, 2, null);
            lanes.second.now += 3_000;
            lanes.first.providers.gate = Promise.promise();
            lanes.second.providers.gate = Promise.promise();
            lanes.second.providers.asked.clear();
            for (Rig lane : List.of(lanes.first, lanes.second, lanes.first, lanes.second)) {
                lane.ask(false, List.of(), Envelope.Overrides.NONE);
            }
            assertThat(lanes.first.providers.asked).containsExactly("a", "b");
            assertThat(lanes.second.providers.asked).containsExactly("b", "b");
        }
    }

    /** How an attempt from before the cooldown ends while another lane's call is the trial; null: well. */
    private static Stream<@Nullable Failure> endings() {
        return Stream.of(
                null,
                Failure.of(FailureKind.CLIENT_GONE, "says nothing"),
                Failure.of(FailureKind.BAD_REQUEST, "says nothing"),
                Rig.failure(FailureKind.CONNECTION));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void whatBeganBeforeTheCooldownDecidesNoTrial(@Nullable Failure ending) {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.second.stream();
            Promise<Void> old = Promise.promise();
            lanes.second.providers.gate = old;
            lanes.second.ask(false, List.of(), Envelope.Overrides.NONE);
            lanes.second.providers.gate = null;
            assertThat(lanes.second.providers.asked).containsExactly("a", "a");
            lanes.coolsA();
            Promise<Void> gate = Promise.promise();
            lanes.first.providers.gate = gate;
            lanes.first.ask(false, List.of(), Envelope.Overrides.NONE);
            lanes.second.over("a", Usage.NONE, 1, 2, ending);
            lanes.second.route();
            old.complete();
            lanes.second.route();
            assertThat(lanes.second.providers.asked).as("the trial goes on").containsExactly("a", "a", "b", "b");
            assertThat(lanes.second.board.cooledUntil("a")).isEqualTo(lanes.second.now);
            gate.complete();
            lanes.second.route();
            lanes.second.route();
            assertThat(lanes.second.providers.asked).as("it answered").containsExactly("a", "a", "b", "b", "a", "a");
        }
    }

    @Test
    void whoChoseItWhileAnotherLaneBeganToTryItChoosesAnew() {
        try (TwoLanes lanes = new TwoLanes()) {
            lanes.coolsA();
            lanes.first.providers.gate = Promise.promise();
            lanes.meanwhile = () -> lanes.first.ask(false, List.of(), Envelope.Overrides.NONE);
            lanes.second.route();
            assertThat(lanes.first.providers.asked).containsExactly("a");
            assertThat(lanes.second.providers.asked).containsExactly("b");
        }
    }
}
