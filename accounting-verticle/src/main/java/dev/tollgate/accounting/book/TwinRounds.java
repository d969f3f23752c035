package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Turns;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether other nodes have what this one lacks, whenever the nodes change and every few seconds, and fetches it: by one
 * number when nothing differs, else in letters of some hundred kilobytes. Everything but {@link #start} runs on the store's thread.
 */
final class TwinRounds {
    private static final Logger LOG = LoggerFactory.getLogger(TwinRounds.class);
    private static final long EVERY_MILLIS = 5_000;
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final TwinStore store;
    private final Peers peers;
    private final ScheduledExecutorService thread;
    private final Function<List<Stamped>, Future<Void>> merge;
    private final Awaited awaited;
    private final AtomicBoolean due = new AtomicBoolean();
    private final Turns turns = new Turns();
    private final Map<String, Fruitless> fruitless = new HashMap<>();
    /** Completes when all that was fetched so far holds. */
    private Future<Void> inForce = Future.succeededFuture();

    /** How both stood when this node lacked nothing of the other, though they differed: it is the other who lacks something. */
    private record Fruitless(long mine, long theirs) {}

    /**
     * Begins with {@link #start}.
     *
     * @param merge puts entries into the store and into force; completes when they hold
     * @param nanos a clock that never goes back
     */
    TwinRounds(
            TwinStore store,
            Peers peers,
            ScheduledExecutorService thread,
            Function<List<Stamped>, Future<Void>> merge,
            LongSupplier nanos) {
        this.store = store;
        this.peers = peers;
        this.thread = thread;
        this.merge = merge;
        this.awaited = new Awaited(peers, nanos);
    }

    void start() {
        peers.onChange(this::soon);
        thread.scheduleWithFixedDelay(this::soon, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether this node has what those had that were there when it came, or has asked for half a minute; from any thread. */
    boolean caughtUp() {
        return awaited.isOver();
    }

    private void soon() {
        // At once: a node that is a member again must not count as ready for what it fetched before.
        awaited.changed();
        if (!due.getAndSet(true)) {
            onThread(() -> {
                due.set(false);
                round();
            });
        }
    }

    private void onThread(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    LOG.error("What other nodes have of keys, users and teams is fetched later: {}", e.toString());
                }
            });
        } catch (RejectedExecutionException _) {
            // This node is stopping.
        }
    }

    private void round() {
        if (!store.isOpen()) {
            return;
        }
        store.forget();
        Awaited.Sight sight = awaited.look();
        fruitless
                .keySet()
                .removeIf(node ->
                        sight.others().stream().noneMatch(each -> each.id().equals(node)));
        Letter question = TwinLetter.same(peers.self(), store.total());
        for (Peer other : sight.others()) {
            peers.ask(other.id(), question, ANSWER)
                    .compose(answer -> Errand.on(thread, () -> compared(other.id(), answer)))
                    .onComplete(asked -> onThread(() -> ended(sight.membership(), other.id(), asked)));
        }
    }

    /** A node was asked what it has, and what this one lacked was fetched, or not; who failed is asked again with the next round. */
    private void ended(int membership, String node, AsyncResult<Void> asked) {
        if (asked.failed()) {
            awaited.failed(membership, node, asked.cause());
        } else {
            inForce.onComplete(_ -> awaited.has(membership, node));
        }
    }

    private Future<Void> compared(String node, Letter answer) {
        return TwinLetter.isOfTwin(answer) && TwinLetter.total(answer) != store.total()
                ? differs(node, TwinLetter.total(answer))
                : Future.succeededFuture();
    }

    /** Another node says what it has, so it need not be asked. */
    void told(String node, long theirs) {
        int membership = awaited.membership();
        Future<Void> fetched = theirs == store.total() ? Future.succeededFuture() : differs(node, theirs);
        fetched.onComplete(ended -> onThread(() -> ended(membership, node, ended)));
    }

    /** Another node has not the same. Done when this one has what it lacked of it. */
    private Future<Void> differs(String node, long theirs) {
        long before = store.total();
        return new Fruitless(before, theirs).equals(fruitless.get(node))
                ? Future.succeededFuture()
                : pull(node)
                        .onSuccess(_ -> onThread(() -> {
                            if (store.total() == before) {
                                fruitless.put(node, new Fruitless(before, theirs));
                            }
                        }));
    }

    /** Fetches from that node what this one lacks now. */
    Future<Void> pull(String node) {
        return turns.take(node, () -> {
            Promise<Void> done = Promise.promise();
            onThread(() -> begin(node, done));
            return done.future();
        });
    }

    private void begin(String node, Promise<Void> done) {
        try {
            page(node, store.digests(), null, done);
        } catch (RuntimeException | Error e) {
            // Whatever it is: that node's turn would never end, and nothing be fetched of it again.
            done.tryFail(e);
        }
    }

    private void page(String node, Buffer digests, @Nullable JsonObject after, Promise<Void> done) {
        peers.ask(node, TwinLetter.lacking(peers.self(), digests, after), ANSWER)
                .onFailure(done::tryFail)
                .onSuccess(answer -> onThread(() -> {
                    try {
                        take(node, digests, answer, done);
                    } catch (RuntimeException | Error e) {
                        done.tryFail(e);
                        throw e;
                    }
                }));
    }

    private void take(String node, Buffer digests, Letter answer, Promise<Void> done) {
        Future<Void> holds = merge.apply(TwinLetter.entries(answer));
        if (!holds.succeeded()) {
            inForce = inForce.isComplete() ? holds : Future.join(inForce, holds).mapEmpty();
        }
        JsonObject next = TwinLetter.next(answer);
        if (next == null) {
            done.tryComplete();
        } else {
            awaited.goesOn(node);
            page(node, digests, next, done);
        }
    }
}
