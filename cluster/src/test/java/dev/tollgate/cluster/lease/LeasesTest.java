package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.lease.Ground.Spender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeasesTest {
    private static final long TOTAL = 1_000_000;
    /** Where a total is divided anew while it is spent, what is stored just then may count twice, the more the slower the machine. */
    private static final long MOST = TOTAL * 85 / 100;

    private static final Duration SOON = Duration.ofSeconds(60);

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    /** Callers rest when so much is spent: on a slow machine nothing would be left of the total before this one has seen it. */
    private static void spend(Ground ground, long amount) {
        ground.ceiling = amount;
        await().atMost(SOON).until(() -> ground.spent.get() >= amount);
    }

    private static void exhausted(Ground ground, int callers) {
        ground.ceiling = Long.MAX_VALUE;
        await().atMost(SOON).until(() -> ground.spenders.values().stream().allMatch(each -> each.idle == callers));
        assertThat(ground.wrong).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void threeNodesSpendAllOfATotalAndNeverMore(long seed) {
        Ground ground = new Ground(vertx, TOTAL, seed);
        for (String id : Set.of("a", "b", "c")) {
            ground.node(id);
        }
        ground.spenders.values().forEach(node -> node.run(20, 3_000));
        exhausted(ground, 20);
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
        assertThat(ground.spenders.values())
                .as("one owns the total and asks itself, the others wait for its answers")
                .filteredOn(node -> node.roundTrips.isEmpty())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void nodesThatDieTakeLittleWithThemAndNothingIsSpentTwice(long seed) throws Exception {
        Ground ground = new Ground(vertx, TOTAL, seed);
        ground.ceiling = 0;
        ground.node("n0").run(10, 500);
        ground.node("n1").run(10, 500);
        ground.node("n2").run(10, 500);
        for (int i = 3; i < 7; i++) {
            spend(ground, TOTAL * (i - 1) / 20);
            ground.kill("n" + (i - 1 - ground.draw(2)));
            ground.node("n" + i).run(10, 500);
        }
        exhausted(ground, 10);
        assertThat(ground.spent.get()).isGreaterThan(MOST);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whoLeavesInGoodOrderTakesNothing(long seed) {
        Ground ground = new Ground(vertx, TOTAL, seed);
        ground.ceiling = 0;
        ground.node("n0").run(10, 500);
        ground.node("n1").run(10, 500);
        for (int i = 2; i < 6; i++) {
            spend(ground, TOTAL * (i - 1) / 20);
            ground.leave("n" + (i - 1 - ground.draw(2)));
            ground.node("n" + i).run(10, 500);
        }
        exhausted(ground, 10);
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void ofAClusterThatIsCutInTwoTheLargerPartGoesOnAndTogetherTheySpendNoMore(long seed) {
        Ground ground = new Ground(vertx, TOTAL, seed);
        ground.ceiling = 0;
        for (String id : List.of("a", "b", "c")) {
            ground.node(id).run(10, 500);
        }
        spend(ground, TOTAL / 5);
        Spender alone = ground.spenders.get(List.of("a", "b", "c").get(ground.draw(3)));
        ground.mesh.split(Set.of(alone.id()));
        spend(ground, TOTAL / 2);
        await().atMost(SOON).until(() -> alone.leases.trouble() != null && !alone.leases.stands() && alone.free() == 0);
        await().atMost(SOON)
                .until(() -> ground.spenders.values().stream()
                        .allMatch(each -> each.equals(alone) == (each.leases.trouble() != null)));
        ground.mesh.split(Set.of());
        exhausted(ground, 10);
        assertThat(ground.spent.get()).isGreaterThan(MOST);
        await().atMost(SOON).until(() -> alone.leases.trouble() == null);
    }

    @Test
    void whoIsNotAnsweredGivesUpWhatItHasBeforeOthersMayHaveIt() {
        Ground ground = new Ground(vertx, TOTAL, 1);
        ground.ceiling = 0;
        Spender first = ground.node("a");
        Spender second = ground.node("b");
        first.run(5, 500);
        second.run(5, 500);
        spend(ground, TOTAL / 10);
        ground.mesh.cutOff("a");
        ground.mesh.cutOff("b");
        await().atMost(SOON).until(() -> first.leases.trouble() != null && second.leases.trouble() != null);
        await().atMost(SOON).until(() -> first.free() == 0 && second.free() == 0);
        assertThat(ground.wrong).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatTheStoreHasAndWhatNodesHaveNotStoredYetCountsWhenATotalIsFirstAskedFor(long seed) {
        Ground ground = new Ground(vertx, TOTAL, seed);
        ground.stored.set(TOTAL / 2);
        ground.spent.set(TOTAL / 2);
        Spender one = ground.node("a");
        one.spentBefore(TOTAL / 4);
        Spender other = ground.node("b");
        other.run(5, 500);
        await().atMost(SOON).until(() -> other.idle == 5);
        assertThat(ground.wrong).isEmpty();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    private static Outcome.Verdict more(Leases leases) throws Exception {
        return leases.more(Ground.MONEY, 1, 1, TOTAL)
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS)
                .verdict();
    }

    /** What nodes know is a guess, which is good enough where one store tells the truth later, but not where others may know more. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onlyWithOneStoreATotalBeginsWithWhatNodesKnowWhileTheStoreIsAway(boolean apart) throws Exception {
        Ground ground = new Ground(vertx, TOTAL, 1);
        ground.storesApart = apart;
        ground.stored.set(TOTAL);
        ground.storeAway = true;
        Leases one = ground.node("a").leases;
        ground.node("b");
        assertThat(more(one)).isEqualTo(apart ? Outcome.Verdict.UNKNOWN : Outcome.Verdict.ENOUGH);
        ground.storeAway = false;
        if (apart) {
            assertThat(more(one)).isEqualTo(Outcome.Verdict.NO_MORE);
        }
    }

    /** It spent that while it stood alone. */
    @Test
    void whatANodeBringsInAStoreOfItsOwnCountsAlsoForTotalsThatAreDividedAlready() {
        Ground ground = new Ground(vertx, TOTAL, 1);
        ground.storesApart = true;
        Spender one = ground.node("a");
        divides(one.leases, 1);
        ground.stored.set(TOTAL / 2);
        ground.spent.set(TOTAL / 2);
        Spender other = ground.node("b");
        divides(other.leases, 1);
        one.run(5, 500);
        other.run(5, 500);
        await().atMost(SOON).until(() -> one.idle == 5 && other.idle == 5);
        assertThat(ground.wrong).isEmpty();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    /** Their clock stands still but for what is said here. A node that never begins is a member that answers nothing. */
    @Test
    void whileANodeIsComingMoreIsWaitedForLongerThanUsual() {
        Ground ground = new Ground(vertx, TOTAL, 1);
        AtomicLong now = new AtomicLong();
        AtomicLong looked = new AtomicLong();
        ground.nanos = () -> {
            looked.incrementAndGet();
            return now.get();
        };
        ground.mesh.join("mute");
        Leases coming = ground.node("a").leases;
        waitsUntil(Ground.TIMING.arrival(), coming, now, looked);
        ground.mesh.leave("mute");
        divides(coming, 1);

        ground.mesh.join("mute again");
        waitsUntil(Ground.TIMING.arrival(), coming, now, looked);
        ground.mesh.leave("mute again");
        ground.node("b");
        ground.node("c");
        divides(coming, 2);

        // All are known, but one does not answer.
        ground.mesh.cutOff("b");
        ground.mesh.leave("c");
        waitsUntil(Ground.TIMING.patience(), coming, now, looked);
    }

    private static void divides(Leases leases, long more) {
        await().atMost(SOON).until(() -> {
            Outcome outcome = leases.more(Ground.MONEY, more, more, TOTAL)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            return outcome.verdict() == Outcome.Verdict.ENOUGH;
        });
    }

    /** Nobody can say in the end, but not a moment before: the clock has been read again several times since. */
    private static void waitsUntil(Duration end, Leases leases, AtomicLong now, AtomicLong looked) {
        Future<Outcome> more = leases.more(Ground.MONEY, 1, 1, TOTAL);
        long before = looked.get();
        await().atMost(SOON).until(() -> looked.get() > before + 20);
        now.addAndGet(end.toNanos() - 1);
        long then = looked.get();
        await().atMost(SOON).until(() -> looked.get() > then + 20);
        assertThat(more.isComplete()).isFalse();
        now.addAndGet(1);
        await().atMost(SOON).until(more::isComplete);
        assertThat(more.result().verdict()).isEqualTo(Outcome.Verdict.UNKNOWN);
    }

    @Test
    void whoIsLeftOfTwoGoesOnWhenTheOlderIsStartedAnewButNotWithSomebodyElse() {
        Ground ground = new Ground(vertx, TOTAL, 1);
        ground.ceiling = 0;
        ground.node("a").run(5, 500);
        Spender younger = ground.node("b");
        younger.run(5, 500);
        spend(ground, TOTAL / 10);
        ground.kill("a");
        await().atMost(SOON).until(() -> younger.leases.trouble() != null);
        Spender stranger = ground.node("c");
        await().atMost(SOON).until(() -> stranger.leases.trouble() != null);
        stranger.run(5, 500);
        ground.node("a again", List.of("a")).run(5, 500);
        exhausted(ground, 5);
        assertThat(ground.spent.get()).isGreaterThan(MOST);
    }
}
