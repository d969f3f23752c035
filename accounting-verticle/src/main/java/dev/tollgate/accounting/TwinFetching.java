package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.ledger.TwinLedger;
import dev.tollgate.accounting.ledger.TwinLedger.Added;
import dev.tollgate.accounting.ledger.TwinLedger.Lacking;
import dev.tollgate.accounting.ledger.TwinLedger.Snapshot;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Turns;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what other nodes' ledgers have and this node's lacks: a page of batches, which is added before the next one is asked for. Where
 * a node does not keep all that is lacked any more, the others are asked for it; if they have not got it either, its balances are
 * taken over first.
 */
final class TwinFetching {
    private static final Logger LOG = LoggerFactory.getLogger(TwinFetching.class);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration FIRST_PART = Duration.ofMinutes(1);
    private static final long SAID_AFTER_MILLIS = 10_000;
    private static final long ANEW_AFTER_MILLIS = 30_000;

    private final Peers peers;
    private final TwinThread ledger;
    private final Supplier<List<String>> others;
    private final Consumer<List<Balance>> changedByHand;
    private final InstantSource clock;
    private final Turns turns = new Turns();
    private final Turns giving = new Turns();
    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

    /** Since when a node's batches could not be had, when that was last tried, and whether it was said. */
    private record Trouble(long sinceMillis, long lastMillis, boolean said) {
        Trouble again(long now) {
            return !said && now - lastMillis > ANEW_AFTER_MILLIS
                    ? new Trouble(now, now, false)
                    : new Trouble(sinceMillis, now, said);
        }
    }

    /** {@code others}: nodes that have a ledger, without this one. */
    TwinFetching(
            Peers peers,
            TwinThread ledger,
            Supplier<List<String>> others,
            Consumer<List<Balance>> changedByHand,
            InstantSource clock) {
        this.peers = peers;
        this.ledger = ledger;
        this.others = others;
        this.changedByHand = changedByHand;
        this.clock = clock;
    }

    /** Completes when all is here that the node had when this was called. */
    Future<Void> from(String node) {
        return turns.take(node, () -> new Pull(node, false).begin())
                .onSuccess(_ -> worked(node))
                .onFailure(cause -> failed(node, cause));
    }

    /** What the node has and still keeps; that of it which can be had, for a node that is about to take balances over from this one. */
    Future<Void> whatIsKept(String node) {
        return giving.take(node, () -> new Pull(node, true).begin());
    }

    private void worked(String node) {
        Trouble trouble = troubles.remove(node);
        if (trouble != null && trouble.said()) {
            LOG.info("What was spent on node {} is known here again", node);
        }
    }

    /** A node that has just come, or is just going, is no trouble. */
    private void failed(String node, Throwable cause) {
        long now = clock.millis();
        if (!others.get().contains(node)) {
            troubles.remove(node);
            return;
        }
        Trouble trouble = troubles.merge(node, new Trouble(now, now, false), (known, _) -> known.again(now));
        if (!trouble.said() && now - trouble.sinceMillis() >= SAID_AFTER_MILLIS) {
            troubles.put(node, new Trouble(trouble.sinceMillis(), now, true));
            LOG.warn(
                    "What was spent on node {} cannot be had: {}. Budgets that are first asked for wait until it can",
                    node,
                    String.valueOf(cause.getMessage()));
        }
    }

    /**
     * One page after the other; none is held in memory. Each step is a task of its own on the ledger's thread, so that neither the stack
     * nor a chain of futures grows with the pages.
     */
    private final class Pull {
        private final String node;
        private final boolean helping;
        private final Promise<Void> done = Promise.promise();
        private boolean askedOthers;
        private boolean restored;

        /** {@code helping}: for another pull, which takes balances over itself if it must. */
        Pull(String node, boolean helping) {
            this.node = node;
            this.helping = helping;
        }

        Future<Void> begin() {
            onThread(own -> ask(own.origins()));
            return done.future();
        }

        private void onThread(Consumer<TwinLedger> task) {
            ledger.ask(own -> {
                        task.accept(own);
                        return true;
                    })
                    .onFailure(done::tryFail);
        }

        private void ask(Map<String, Long> known) {
            peers.ask(node, BatchLetter.lacking(known), ANSWER)
                    .map(BatchLetter::lacking)
                    .onFailure(done::tryFail)
                    .onSuccess(found -> onThread(own -> take(own, known, found)));
        }

        private void take(TwinLedger own, Map<String, Long> known, Lacking found) {
            if (found.cut()) {
                cut();
            } else if (found.batches().isEmpty()) {
                done.tryComplete();
            } else {
                Added added = own.add(found.batches(), clock.millis());
                if (!added.byHand().isEmpty()) {
                    changedByHand.accept(added.byHand());
                }
                if (!found.more()) {
                    done.tryComplete();
                } else if (added.origins().equals(known)) {
                    done.tryFail("what it sent does not follow what is here");
                } else {
                    ask(added.origins());
                }
            }
        }

        private void cut() {
            if (helping || restored) {
                done.tryFail("some of it is not kept there any more");
            } else if (askedOthers) {
                restored = true;
                part(Buffer.buffer(), "");
            } else {
                askedOthers = true;
                List<Future<Void>> asked = others.get().stream()
                        .filter(each -> !each.equals(node))
                        .map(each -> new Pull(each, true).begin())
                        .toList();
                Future.join(asked).onComplete(_ -> begin());
            }
        }

        /** {@code before}: what has come of the snapshot that has this name. */
        private void part(Buffer before, String name) {
            // It first fetches what this node has.
            Duration longest = name.isEmpty() ? FIRST_PART : ANSWER;
            peers.ask(node, BatchLetter.part(peers.self(), name, before.length()), longest)
                    .onFailure(done::tryFail)
                    .onSuccess(letter -> onThread(own -> {
                        before.appendBuffer(letter.bytes());
                        if (BatchLetter.more(letter)) {
                            part(before, BatchLetter.name(letter));
                        } else {
                            restore(own, BatchLetter.snapshot(before));
                        }
                    }));
        }

        private void restore(TwinLedger own, Snapshot snapshot) {
            if (own.restore(snapshot)) {
                LOG.info("Balances are taken over from node {}, without the calls that were made long ago", node);
            } else {
                LOG.warn(
                        "This node and node {} were apart for long, and neither knows any more which calls the other lacks: of"
                                + " each balance the greater counts",
                        node);
            }
            changedByHand.accept(snapshot.balances());
            ask(own.origins());
        }
    }
}
