package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.lease.Ground.Spender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node has spent most of a total, and of those that stay only the owner knows. Then the total must be found out anew, and the store is
 * away: a guess is not less than what was known. The clock stands still.
 */
class FloorTest {
    private static final long TOTAL = 1_000_000;
    private static final long MOST = 800_000;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final List<String> ALL = List.of("one", "other", "third");
    private static final String OWNER = View.of(ALL).owner(Ground.MONEY);
    private static final String SECOND = String.valueOf(View.of(ALL).second(Ground.MONEY));

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong now = new AtomicLong();
    private final Ground ground = new Ground(vertx, TOTAL, 1);
    private Spender spender;

    @BeforeEach
    void ofFourOneSpendsMost() throws Exception {
        ground.nanos = now::get;
        spender = ground.node("spender");
        for (String id : ALL) {
            more(ground.node(id), 1);
        }
        more(spender, MOST);
        spender.spentBefore(MOST);
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    private static void more(Spender node, long by) {
        await().atMost(SOON)
                .until(() -> node.leases
                                .more(Ground.MONEY, by, by, TOTAL)
                                .await(60, TimeUnit.SECONDS)
                                .verdict()
                        == Outcome.Verdict.ENOUGH);
    }

    private Spender owner() {
        return ground.spenders.get(OWNER);
    }

    /** In good order, so that what it spent is a part of what was before. */
    private void theSpenderLeaves() {
        ground.leave("spender");
        await().atMost(SOON).until(() -> spender.dead);
        more(owner(), 1);
    }

    /** From now on something is stored that the owner does not count, and the store cannot be asked. */
    private void theStoreIsAway() throws Exception {
        ground.storeAway = true;
        ground.spenders.get(SECOND).leases.brought(Set.of("somebody")).await(60, TimeUnit.SECONDS);
    }

    /** Until nothing is left: first by guesses, then by what the store says. */
    private void spendAll() {
        spendRest();
        ground.storeAway = false;
        spendRest();
        now.addAndGet(Ground.TIMING.longestCall().toNanos());
        spendRest();
        assertThat(ground.spent.get()).isEqualTo(TOTAL);
    }

    private void spendRest() {
        for (Spender node : ground.spenders.values()) {
            node.idle = 0;
            node.run(5, 5_000);
        }
        await().atMost(SOON).until(() -> ground.spenders.values().stream().allMatch(node -> node.idle == 5));
        assertThat(ground.wrong).isEmpty();
    }

    /** The total is asked for while the owner cannot find out what was spent: a node falls silent in the midst of that. */
    private Future<Outcome> anAttemptFails() {
        long before = ground.asked.get();
        ground.asking = () -> ground.mesh.cutOff(SECOND);
        Future<Outcome> asking = owner().leases.more(Ground.MONEY, 2, 2, TOTAL);
        await().atMost(SOON).until(() -> ground.asked.get() > before);
        ground.asking = () -> {};
        return asking;
    }

    @Test
    void aGuessAfterAnAttemptThatFailedIsNotLess() throws Exception {
        theSpenderLeaves();
        theStoreIsAway();
        Future<Outcome> asking = anAttemptFails();
        ground.mesh.reach(SECOND);
        asking.await(60, TimeUnit.SECONDS);
        spendAll();
    }

    /** It had told what it spent, to no avail, and no longer has that in its share. */
    @Test
    void aGuessIsNotLessWhenTheSpenderLeavesAfterAnAttemptThatFailed() throws Exception {
        theStoreIsAway();
        Future<Outcome> asking = anAttemptFails();
        ground.leave("spender");
        await().atMost(SOON).until(() -> spender.dead);
        ground.mesh.reach(SECOND);
        asking.await(60, TimeUnit.SECONDS);
        spendAll();
    }

    /** Some of these own the total as soon as they come. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
    void theGuessOfANewOwnerIsNotLess(String newcomer) throws Exception {
        theSpenderLeaves();
        theStoreIsAway();
        ground.node(newcomer);
        spendAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
    void theGuessOfOneThatComesWhileItIsFoundOutIsNotLess(String newcomer) throws Exception {
        theSpenderLeaves();
        theStoreIsAway();
        AtomicBoolean came = new AtomicBoolean();
        ground.asking = () -> {
            if (came.compareAndSet(false, true)) {
                ground.node(newcomer);
            }
        };
        owner().leases.more(Ground.MONEY, 2, 2, TOTAL).await(60, TimeUnit.SECONDS);
        spendAll();
    }

    /** It had told the next one that what was before is to be found out. */
    @Test
    void theGuessOfTheNextOwnerIsNotLessWhenTheOwnerIsLost() throws Exception {
        theSpenderLeaves();
        theStoreIsAway();
        anAttemptFails();
        ground.kill(OWNER);
        ground.mesh.reach(SECOND);
        spendAll();
    }

    private static Told told(long granted, long used) {
        return new Told(new Share.State(granted, used, false), 0, 0);
    }

    private static Division known(long spent) {
        Division division = new Division(Ground.MONEY, Ground.TIMING, 0);
        division.earlier().found(spent, Map.of("one", 0, "lost", 0));
        return division;
    }

    /** Something was stored that this does not hold, so another owner finds it out anew; neither shares nor lost ones are a part of it. */
    @Test
    void anotherOwnerHearsHowMuchItIsAtLeast() {
        Division before = known(MOST);
        before.claims("one", told(100, 40));
        before.claims("lost", told(30, 20));
        before.gone("lost", 0);
        before.lacksSome();
        Division next = new Division(Ground.MONEY, Ground.TIMING, 0);
        next.inherit(before.state(0), Set.of("one"), 0);
        next.claims("one", told(100, 40));
        assertThat(next.opened()).isFalse();
        long taken = next.taken(0);
        assertThat(taken).isEqualTo(MOST + 130);
        next.claims("one", told(60, 0));
        assertThat(next.spentAtLeast(taken))
                .as("with what the one has told now")
                .isEqualTo(MOST + 40);
    }

    @Test
    void nothingIsAddedOfLostOnesThatAreForgotten() {
        Division division = known(MOST);
        division.claims("lost", told(30, 20));
        division.gone("lost", 0);
        division.distrust();
        assertThat(division.spentAtLeast(division.taken(0))).isEqualTo(MOST);
    }

    @Test
    void whatIsKnownOrTheStoreSaysIsNotRaised() {
        Division closed = known(MOST);
        closed.lacksSome();
        Division less = known(MOST / 2);
        less.inherit(closed.state(0), Set.of(), 0);
        assertThat(less.taken(0)).isEqualTo(MOST / 2);

        Division next = new Division(Ground.MONEY, Ground.TIMING, 0);
        next.inherit(closed.state(0), Set.of(), 0);
        next.inherit(less.state(0), Set.of(), 0);
        assertThat(next.opened()).isTrue();
        assertThat(next.taken(0)).isEqualTo(MOST / 2);

        closed.earlier().close();
        closed.earlier().found(MOST / 2, Map.of());
        assertThat(closed.taken(0)).isEqualTo(MOST / 2);
    }
}
