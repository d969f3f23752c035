package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a node that comes may say that it knows the keys of those that were there. */
class TwinRoundsTest {
    private static final long LONGEST_SECONDS = 120;

    @TempDir
    Path data;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong nanos = new AtomicLong();
    private Twins twins;
    private SqliteDefinitions own;
    private TwinStore store;
    private volatile Peers.State state = Peers.State.JOINED;
    private volatile Runnable sawAll = () -> {};

    @BeforeEach
    void open() throws Exception {
        twins = new Twins(data, InstantSource.system());
        Twins.put(twins.start("one"), Kind.USER, "u", new JsonObject());
        own = SqliteDefinitions.openTogether(data.resolve("new").resolve("tollgate.db"));
        store = new TwinStore(() -> own, InstantSource.system());
        store.open();
    }

    @AfterEach
    void close() {
        thread.close();
        own.close();
        twins.close();
    }

    private TwinRounds rounds(Function<List<Stamped>, Future<Void>> merge) {
        Peers member = twins.mesh.join("new");
        Peers seen = (Peers) Proxy.newProxyInstance(
                Peers.class.getClassLoader(), new Class<?>[] {Peers.class}, (_, method, args) -> {
                    Object result = method.getName().equals("state") ? state : method.invoke(member, args);
                    if (method.getName().equals("all")) {
                        sawAll.run();
                    }
                    return result;
                });
        TwinRounds rounds = new TwinRounds(store, seen, thread, merge, nanos::get);
        rounds.start();
        return rounds;
    }

    private Future<Void> merged(List<Stamped> found) {
        store.merge(found);
        return Future.succeededFuture();
    }

    /** All that came of what happened so far on the store's thread has happened when this ends. */
    private void settle() throws Exception {
        for (int i = 0; i < 5; i++) {
            thread.submit(() -> {}).get(LONGEST_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Nodes have changed, so that a round begins. */
    private void round() throws Exception {
        twins.mesh.newcomer("somebody");
        settle();
    }

    private List<String> stored() throws Exception {
        List<String> ids = new ArrayList<>();
        thread.submit(() -> own.changes(0, each -> ids.add(each.id()))).get(LONGEST_SECONDS, TimeUnit.SECONDS);
        return ids;
    }

    private static void soon(TwinRounds rounds) {
        await().atMost(Twins.SOON).until(rounds::caughtUp);
    }

    @Test
    void whatCouldNotBeFetchedIsFetchedBeforeTheNodeIsReady() throws Exception {
        AtomicBoolean full = new AtomicBoolean(true);
        AtomicInteger failures = new AtomicInteger();
        TwinRounds rounds = rounds(found -> {
            if (full.get()) {
                failures.incrementAndGet();
                throw new IllegalStateException("as with a full disk");
            }
            return merged(found);
        });
        await().atMost(Twins.SOON).until(() -> failures.get() > 0);
        settle();
        assertThat(rounds.caughtUp()).isFalse();
        full.set(false);
        round();
        soon(rounds);
        assertThat(stored()).contains("u");
    }

    @Test
    void aNodeThatDoesNotAnswerIsWaitedForForHalfAMinute() throws Exception {
        twins.mesh.cutOff(twins.id("one"));
        TwinRounds rounds = rounds(this::merged);
        round();
        assertThat(rounds.caughtUp()).isFalse();
        nanos.addAndGet(Duration.ofSeconds(29).toNanos());
        round();
        assertThat(rounds.caughtUp()).isFalse();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        round();
        assertThat(rounds.caughtUp()).isTrue();
    }

    /** As each page is stored the clock goes on by twenty seconds; there are three pages. */
    @Test
    void aLongFetchIsWaitedForAsLongAsItGoesOn() throws Exception {
        for (int i = 0; i < 1_100; i++) {
            Twins.put(twins.book("one"), Kind.USER, "u" + i, new JsonObject());
        }
        AtomicInteger pages = new AtomicInteger();
        AtomicBoolean early = new AtomicBoolean();
        AtomicReference<TwinRounds> rounds = new AtomicReference<>();
        rounds.set(rounds(found -> {
            int page = pages.incrementAndGet();
            nanos.addAndGet(Duration.ofSeconds(20).toNanos());
            twins.mesh.newcomer("somebody");
            TwinRounds begun = rounds.get();
            early.compareAndSet(false, page <= 3 && begun != null && begun.caughtUp());
            return merged(found);
        }));
        soon(rounds.get());
        assertThat(pages.get()).isGreaterThanOrEqualTo(3);
        assertThat(early).isFalse();
        assertThat(stored()).hasSize(1_101);
    }

    @Test
    void anErrorDoesNotEndTheFetchingForGood() throws Exception {
        AtomicBoolean breaks = new AtomicBoolean(true);
        AtomicInteger failures = new AtomicInteger();
        TwinRounds rounds = rounds(found -> {
            if (breaks.get()) {
                failures.incrementAndGet();
                throw new StackOverflowError();
            }
            return merged(found);
        });
        await().atMost(Twins.SOON).until(() -> failures.get() > 0);
        breaks.set(false);
        round();
        soon(rounds);
        assertThat(stored()).contains("u");
    }

    @Test
    void aNodeThatGoesIsNotWaitedFor() throws Exception {
        twins.mesh.cutOff(twins.id("one"));
        TwinRounds rounds = rounds(this::merged);
        round();
        assertThat(rounds.caughtUp()).isFalse();
        twins.mesh.leave(twins.id("one"));
        settle();
        assertThat(rounds.caughtUp()).isTrue();
    }

    @Test
    void aNodeThatSaysWhatItHasNeedNotBeAsked() throws Exception {
        twins.mesh.cutOff(twins.id("one"));
        TwinRounds rounds = rounds(this::merged);
        round();
        thread.submit(() -> rounds.told(twins.id("one"), store.total())).get(LONGEST_SECONDS, TimeUnit.SECONDS);
        settle();
        assertThat(rounds.caughtUp()).isTrue();
    }

    @Test
    void aNodeThatWasNoMemberForAWhileBeginsFromTheStart() throws Exception {
        TwinRounds rounds = rounds(this::merged);
        soon(rounds);
        CountDownLatch busy = new CountDownLatch(1);
        thread.submit(() -> busy.await(LONGEST_SECONDS, TimeUnit.SECONDS));
        state = Peers.State.JOINING;
        twins.mesh.newcomer("somebody");
        assertThat(rounds.caughtUp()).as("before the store's thread knows").isFalse();
        twins.mesh.cutOff(twins.id("one"));
        state = Peers.State.JOINED;
        busy.countDown();
        round();
        assertThat(rounds.caughtUp()).isFalse();
        twins.mesh.reach(twins.id("one"));
        round();
        soon(rounds);
    }

    /** It sees nobody yet when it is asked for the nodes, and is a member a moment later. */
    @Test
    void aNodeThatBecomesAMemberMeanwhileDoesNotTakeItselfForAlone() throws Exception {
        twins.mesh.cutOff(twins.id("one"));
        twins.mesh.split(Set.of("new"));
        state = Peers.State.JOINING;
        sawAll = () -> {
            sawAll = () -> {};
            state = Peers.State.JOINED;
            twins.mesh.split(Set.of());
        };
        TwinRounds rounds = rounds(this::merged);
        await().atMost(Twins.SOON).until(() -> state == Peers.State.JOINED);
        settle();
        assertThat(rounds.caughtUp()).isFalse();
    }

    @Test
    void whatWasFetchedHoldsBeforeTheNodeIsReady() throws Exception {
        Promise<Void> holds = Promise.promise();
        CountDownLatch fetched = new CountDownLatch(1);
        TwinRounds rounds = rounds(found -> {
            store.merge(found);
            fetched.countDown();
            return holds.future();
        });
        assertThat(fetched.await(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        round();
        assertThat(rounds.caughtUp()).isFalse();
        holds.fail("even then: it is as good as it gets");
        soon(rounds);
    }
}
