package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
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

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    /** Some of these own the total as soon as they come; none takes over as known what was guessed. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
    void whoeverOwnsTheTotalNextAsksTheStoreItself(String newcomer) {
        ground.nanos = now::get;
        ground.stored.set(EARLIER);
        ground.spent.set(EARLIER);
        ground.storeAway = true;
        Ground.Spender one = ground.node("one");
        ground.node("other");
        await().atMost(SOON)
                .until(() -> one.leases
                                .more(Ground.MONEY, 1, 1, TOTAL)
                                .await(60, TimeUnit.SECONDS)
                                .verdict()
                        == Outcome.Verdict.ENOUGH);
        ground.node(newcomer);
        ground.storeAway = false;
        now.addAndGet(Ground.TIMING.answer().multipliedBy(5).toNanos());
        ground.spenders.values().forEach(node -> node.run(5, 5_000));
        await().atMost(SOON).until(() -> ground.spenders.values().stream().allMatch(node -> node.idle == 5));
        assertThat(ground.wrong).isEmpty();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }
}
