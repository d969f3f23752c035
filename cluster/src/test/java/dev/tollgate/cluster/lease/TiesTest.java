package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.lease.Ground.Spender;
import dev.tollgate.cluster.lease.Outcome.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Halves of a cluster, of which a store that both reach says which goes on. */
class TiesTest {
    private static final long TOTAL = 400_000;
    private static final long MOST = TOTAL * 85 / 100;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Vertx vertx = Vertx.vertx();
    private final Register register = new Register();

    /** What the shared store does: whoever is first is answered to all. */
    private final class Register implements Arbiter {
        private final Map<String, List<String>> rows = new HashMap<>();
        private final List<Runnable> held = new ArrayList<>();
        private boolean away;
        private boolean holding;
        private int asked;

        @Override
        public synchronized Future<List<String>> claim(long epoch, List<String> were, List<String> nodes) {
            asked++;
            if (away) {
                return Future.failedFuture("the store is away");
            }
            List<String> winner = rows.computeIfAbsent(epoch + " " + new TreeSet<>(were), _ -> nodes);
            Promise<List<String>> answer = Promise.promise();
            if (holding) {
                held.add(() -> answer.complete(winner));
            } else {
                vertx.setTimer(3, _ -> answer.complete(winner));
            }
            return answer.future();
        }

        synchronized void away(boolean now) {
            away = now;
        }

        /** From now on what is asked is written down, and not answered. */
        synchronized void hold() {
            holding = true;
        }

        synchronized int holds() {
            return held.size();
        }

        synchronized void letGo() {
            holding = false;
            held.forEach(Runnable::run);
            held.clear();
        }

        /** Of the only tie that there was; empty: nobody has asked yet. */
        synchronized Set<String> winner() {
            return rows.size() == 1 ? Set.copyOf(rows.values().iterator().next()) : Set.of();
        }

        synchronized int asked() {
            return asked;
        }
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    /** Nodes that have spent a part of the total, and rest. */
    private Ground ground(long seed, List<String> ids) {
        Ground ground = new Ground(vertx, TOTAL, seed, register);
        ground.ceiling = TOTAL / 5;
        for (String id : ids) {
            ground.node(id).run(8, 500);
        }
        await().atMost(SOON).until(() -> goingOn(ground).size() == ids.size() && ground.spent.get() >= ground.ceiling);
        return ground;
    }

    private static Set<String> goingOn(Ground ground) {
        return ground.spenders.values().stream()
                .filter(each -> each.leases.trouble() == null)
                .map(Spender::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Exactly these, sooner or later: a node whose machine is slow may believe for a moment that nobody answers. */
    private static void goOn(Ground ground, Set<String> ids) {
        await().atMost(SOON).until(() -> goingOn(ground).equals(ids));
    }

    /** More than lost nodes may have left of their shares. */
    private static void spendsOn(Ground ground) {
        ground.ceiling = TOTAL / 2;
        await().atMost(SOON).until(() -> ground.spent.get() >= TOTAL / 2);
    }

    private static void exhausted(Ground ground) {
        ground.ceiling = Long.MAX_VALUE;
        await().atMost(SOON).until(() -> ground.spenders.values().stream().allMatch(each -> each.idle == 8));
        assertThat(ground.wrong).isEmpty();
        assertThat(ground.spent.get()).isGreaterThan(MOST);
        goOn(ground, Set.copyOf(ground.spenders.keySet()));
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 30);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theYoungerOfTwoGoesOnWhenTheOlderIsKilled(long seed) {
        Ground ground = ground(seed, List.of("a", "b"));
        ground.kill("a");
        spendsOn(ground);
        exhausted(ground);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ofTwoThatAreCutOffFromEachOtherExactlyOneGoesOn(long seed) {
        Ground ground = ground(seed, List.of("a", "b"));
        ground.mesh.split(Set.of("a"));
        await().atMost(SOON).until(() -> !register.winner().isEmpty());
        Set<String> winner = register.winner();
        goOn(ground, winner);
        spendsOn(ground);
        Spender loser = ground.spenders.get(winner.contains("a") ? "b" : "a");
        await().atMost(SOON).until(() -> loser.free() == 0 && !loser.leases.stands());
        assertThat(loser.leases.trouble()).isNotNull();
        goOn(ground, winner);
        ground.mesh.split(Set.of());
        exhausted(ground);
    }

    @Test
    void whileTheStoreIsAwayNoHalfGoesOnAndOneDoesWhenItIsBack() {
        Ground ground = ground(1, List.of("a", "b"));
        register.away(true);
        ground.kill("a");
        ground.ceiling = TOTAL / 4;
        Spender left = ground.spenders.get("b");
        await().atMost(SOON).until(() -> left.verdict() == Verdict.UNKNOWN && left.free() == 0);
        assertThat(left.leases.trouble()).contains("Only the store can say").contains("the store is away");
        int before = register.asked();
        await().atMost(SOON).until(() -> register.asked() > before + 2);
        assertThat(left.leases.trouble()).isNotNull();
        register.away(false);
        spendsOn(ground);
        exhausted(ground);
    }

    @Test
    void nobodyAsksTheStoreWhereMostAreLeft() {
        Ground ground = ground(1, List.of("a", "b", "c"));
        ground.kill("a");
        spendsOn(ground);
        exhausted(ground);
        assertThat(register.asked()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void ofFourOneHalfGoesOnAsAWhole(long seed) {
        Ground ground = ground(seed, List.of("a", "b", "c", "d"));
        Set<String> side = seed % 2 == 0 ? Set.of("a", "b") : Set.of("a", "d");
        ground.mesh.split(side);
        await().atMost(SOON).until(() -> !register.winner().isEmpty());
        Set<String> winner = register.winner();
        assertThat(winner).isIn(side, side.contains("b") ? Set.of("c", "d") : Set.of("b", "c"));
        goOn(ground, winner);
        spendsOn(ground);
        goOn(ground, winner);
        ground.mesh.split(Set.of());
        exhausted(ground);
    }

    @Test
    void aHalfThatLosesANodeWhileTheStoreIsAskedIsJudgedAgainByThatHalf() {
        Ground ground = ground(1, List.of("a", "b", "c", "d"));
        register.hold();
        ground.mesh.split(Set.of("a", "b"));
        await().atMost(SOON).until(() -> register.holds() == 4);
        String first = register.winner().iterator().next();
        ground.kill(first);
        register.letGo();
        String other = Map.of("a", "b", "b", "a", "c", "d", "d", "c").get(first);
        goOn(ground, Set.of(other));
        spendsOn(ground);
        goOn(ground, Set.of(other));
        ground.mesh.split(Set.of());
        exhausted(ground);
    }
}
