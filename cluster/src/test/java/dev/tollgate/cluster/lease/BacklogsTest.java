package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.lease.Ground.Spender;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that was killed with spend on its disk, which is stored later. The clock stands still but for what is said here. */
class BacklogsTest {
    private static final long TOTAL = 1_000_000;
    private static final long ON_DISK = TOTAL / 4;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong now = new AtomicLong();
    private final Ground ground = new Ground(vertx, TOTAL, 1);
    private Spender one;
    private Spender other;
    private Spender lost;

    @BeforeEach
    void threeOfWhichOneIsKilledWithSpendOnItsDisk() {
        ground.nanos = now::get;
        one = ground.node("one");
        other = ground.node("other");
        lost = ground.node("lost");
        lost.keeps = true;
        lost.spentBefore(ON_DISK);
        more(lost);
        more(one);
        ground.kill("lost");
        more(one);
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    private static void more(Spender node) {
        await().atMost(SOON)
                .until(() -> node.leases
                                .more(Ground.MONEY, 1, 1, TOTAL)
                                .await(60, TimeUnit.SECONDS)
                                .verdict()
                        == Outcome.Verdict.ENOUGH);
    }

    /** What the lost node may have spent is given up: the store is asked, which does not know of it. */
    private void halfAnHourPasses() {
        now.addAndGet(Ground.TIMING.longestCall().toNanos());
    }

    private void isStarted(String id) {
        Spender again = ground.node(id, List.of("lost"));
        more(again);
    }

    private void brings(String id) throws Exception {
        lost.bring();
        ground.spenders.get(id).leases.brought(Set.of("lost")).await(60, TimeUnit.SECONDS);
    }

    /** Until nothing is left. */
    private void spendAll() {
        for (Spender node : ground.spenders.values()) {
            node.idle = 0;
            node.run(5, 5_000);
        }
        await().atMost(SOON).until(() -> ground.spenders.values().stream().allMatch(node -> node.idle == 5));
        assertThat(ground.wrong).isEmpty();
    }

    @Test
    void whatANodeBringsLongAfterItWasLostCountsOnce() throws Exception {
        halfAnHourPasses();
        more(one);
        isStarted("again");
        more(one);
        brings("again");
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    @Test
    void whatANodeBroughtBeforeTheOthersSeeItCountsOnce() throws Exception {
        halfAnHourPasses();
        more(one);
        ground.mesh.newcomer("again");
        Spender again = ground.node("again", List.of("lost"));
        lost.bring();
        var told = again.leases.brought(Set.of("lost"));
        ground.mesh.listens("again");
        told.await(60, TimeUnit.SECONDS);
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    /** Whichever of them owns the total: it has heard, and perhaps nobody has asked it since. */
    @ParameterizedTest
    @ValueSource(strings = {"one", "other"})
    void itCountsAlsoWhenAnOwnerIsLostThatHasJustHeardOfIt(String owner) throws Exception {
        halfAnHourPasses();
        more(one);
        isStarted("again");
        more(one);
        brings("again");
        ground.kill(owner);
        spendAll();
        halfAnHourPasses();
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "other"})
    void itCountsAtOnceAlsoWhileAnotherNodeHasNotBeenLostForLong(String second) throws Exception {
        halfAnHourPasses();
        more(one);
        isStarted("again");
        more(ground.spenders.get(second));
        ground.kill(second);
        more(ground.spenders.get("again"));
        brings("again");
        spendAll();
        halfAnHourPasses();
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    /** The share of the lost node still counts as spent, and what it brings is a part of that. */
    @Test
    void whatANodeBringsSoonIsNotCountedBesideItsShare() throws Exception {
        isStarted("again");
        brings("again");
        long letters = ground.asked.get();
        more(one);
        more(other);
        assertThat(ground.asked.get()).as("the store is not asked for that").isEqualTo(letters);
        halfAnHourPasses();
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    @Test
    void whatAKeeperStoresAfterTheTotalWasFoundOutWithoutItCounts() throws Exception {
        halfAnHourPasses();
        more(one);
        brings("other");
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    private long asksWhile(Runnable more) {
        long before = ground.asked.get();
        more.run();
        return ground.asked.get() - before;
    }

    /** By the clock each question takes as long as an answer is waited for. */
    @Test
    void aStoreThatDoesNotAnswerHoldsCallsUpOnlyOnceInAWhile() throws Exception {
        halfAnHourPasses();
        more(one);
        brings("other");
        ground.storeAway = true;
        ground.asking = () -> now.addAndGet(Ground.TIMING.answer().toNanos());
        assertThat(asksWhile(() -> more(one))).isEqualTo(1);
        assertThat(asksWhile(() -> {
                    more(one);
                    more(other);
                    more(one);
                }))
                .isZero();

        // Whoever brings something has reached the store.
        other.leases.brought(Set.of("another")).await(60, TimeUnit.SECONDS);
        assertThat(asksWhile(() -> more(one))).isEqualTo(1);
        assertThat(asksWhile(() -> more(other))).isZero();

        now.addAndGet(Ground.TIMING.answer().multipliedBy(5).toNanos());
        assertThat(asksWhile(() -> more(one))).isEqualTo(1);
        ground.storeAway = false;
        now.addAndGet(Ground.TIMING.answer().multipliedBy(5).toNanos());
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    /** Some of these own the total as soon as they come, and whoever brought something is gone before it could tell them. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
    void itCountsAlsoWhenTheTotalMovesToOneThatHasNotHeardOfIt(String newcomer) throws Exception {
        halfAnHourPasses();
        more(one);
        isStarted("again");
        more(one);
        brings("again");
        ground.mesh.cutOff("again");
        ground.node(newcomer);
        ground.kill("again");
        spendAll();
        halfAnHourPasses();
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }
}
