package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.lease.Ground.Spender;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Earlier runs have spent most of a total, and the store is away when it is asked for: its owner goes by a guess. */
class GuessTest {
    private static final long TOTAL = 1_000_000;
    private static final long EARLIER = 800_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong now = new AtomicLong();
    private final Ground ground = new Ground(vertx, TOTAL, 1);

    @BeforeEach
    void earlierRunsHaveSpentWhatNobodyHereKnowsOf() {
        ground.nanos = now::get;
        ground.stored.set(EARLIER);
        ground.spent.set(EARLIER);
        ground.storeAway = true;
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

    /** Until nothing is left. */
    private void spendAll() {
        for (Spender node : ground.spenders.values()) {
            node.idle = 0;
            node.run(5, 5_000);
        }
        await().atMost(SOON).until(() -> ground.spenders.values().stream().allMatch(node -> node.idle == 5));
        assertThat(ground.wrong).isEmpty();
    }

    /** Some of these own the total as soon as they come; none takes over as known what was guessed. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
    void whoeverOwnsTheTotalNextAsksTheStoreItself(String newcomer) {
        Spender one = ground.node("one");
        ground.node("other");
        more(one);
        ground.node(newcomer);
        ground.storeAway = false;
        now.addAndGet(Ground.TIMING.answer().multipliedBy(5).toNanos());
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    /** One of these made the guess, and gives itself a share last of all. By the clock the store says at once that it is away. */
    @ParameterizedTest
    @ValueSource(strings = {"one", "other", "third"})
    void theStoreIsAskedAgainAlsoWhileANodeHasNotBeenLostForLong(String lost) {
        ground.node("one");
        ground.node("other");
        ground.node("third");
        ground.spenders.values().forEach(GuessTest::more);
        more(ground.spenders.get(lost));
        ground.kill(lost);
        ground.storeAway = false;
        spendAll();
        now.addAndGet(Ground.TIMING.longestCall().toNanos());
        spendAll();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    /** What a node has not stored is in the first guess; after that, what nodes know holds it. */
    @Test
    void guessesThatFollowEachOtherDoNotGrow() throws Exception {
        Spender one = ground.node("one");
        Spender other = ground.node("other");
        one.keeps = true;
        one.spentBefore(1_000);
        more(one);
        long guessed = one.leases.used(Ground.MONEY).await(60, TimeUnit.SECONDS);
        for (int i = 0; i < 10; i++) {
            for (Spender node : List.of(one, other)) {
                node.hears(node.leases.more(Ground.MONEY, 1, 1, TOTAL).await(60, TimeUnit.SECONDS));
            }
        }
        assertThat(one.leases.used(Ground.MONEY).await(60, TimeUnit.SECONDS)).isEqualTo(guessed);
    }
}
