package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.journal.Syncer;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.StoreException;
import dev.tollgate.accounting.outbox.Outbox;
import dev.tollgate.config.GeneralSettings.Retention;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings records from the journals into the ledger, on a thread of its own. What an earlier run left is brought first. The position
 * in a journal is stored in one transaction with the rows, and rows are idempotent by call id, so dying at any moment loses
 * nothing and doubles nothing. While the store refuses, journals just grow.
 *
 * <p>Before anything of this run is brought, what earlier runs left is, and balances are read: whoever counts this run's calls in
 * memory adds them to balances that hold none of them.
 */
final class Shipper {
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);
    private static final long EVERY_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Delivery delivery;
    private final Outbox outbox;
    private final Supplier<Ledger> opening;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tollgate-ledger").daemon().factory());
    private final Impatience impatience;
    private volatile @Nullable Ledger ledger;
    private volatile boolean opens;
    private long pause = EVERY_MILLIS;
    private String said = "";
    private long saidNanos;
    private boolean closed;
    private boolean begun;
    private @Nullable List<Balance> beginning;
    private final Deque<Promise<List<Balance>>> asked = new ArrayDeque<>();
    private final Housekeeping housekeeping = new Housekeeping(Clock.systemUTC());
    private volatile boolean works = true;
    private volatile long refused;
    private volatile @Nullable LedgerTwins twins;
    private volatile @Nullable EarlierRuns earlier;

    Shipper(Path folder, Syncer syncer, Outbox outbox, Supplier<Ledger> opening) {
        this.impatience = new Impatience(this::busy);
        this.delivery = new Delivery(folder, syncer);
        this.outbox = outbox;
        this.opening = opening;
    }

    /** From now on brings what is there, again and again; after all that is told of it have said so. */
    void start() {
        thread.schedule(this::round, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void round() {
        if (closed) {
            return;
        }
        try {
            begin();
            try {
                IOException unreadable = shipped();
                give();
                settleOthers();
                housekeeping.step(ledger());
                if (unreadable != null) {
                    throw unreadable;
                }
            } finally {
                alike();
            }
            pause = EVERY_MILLIS;
            if (!works) {
                LOG.info("The spend store works again");
            }
            works = true;
            said = "";
        } catch (IOException | RuntimeException | LinkageError e) {
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
            works = false;
            say(e instanceof StoreException ? String.valueOf(e.getMessage()) : e.toString());
        }
        thread.schedule(this::round, pause, TimeUnit.MILLISECONDS);
    }

    /** In any case: a file that this node cannot read must not keep others from what it has. */
    private void alike() {
        LedgerTwins others = twins;
        if (others != null) {
            others.round(ledger());
        }
    }

    /** A store may be down for hours: each trouble is said at once, and again once a minute. */
    private void say(String trouble) {
        long now = System.nanoTime();
        if (!trouble.equals(said) || now - saidNanos >= SAY_AGAIN_NANOS) {
            said = trouble;
            saidNanos = now;
            LOG.error("Spend stays in the journal for now; calls go on: {}", trouble);
        }
    }

    /** {@code stored} hears, on the ledger's thread, of this run's rows as they are stored. Before the first of them. */
    void tell(Consumer<List<SpendRow>> stored) {
        delivery.tell(stored);
    }

    /** Other nodes keep ledgers like this one's. Before anything is stored. */
    void keepAlike(LedgerTwins others) {
        twins = others;
    }

    /** Hears of what this run did not write. Before anything is stored. */
    void tellEarlier(EarlierRuns runs) {
        earlier = runs;
        delivery.tellEarlier(runs);
    }

    /** How long rows are kept from now on; null: for ever. From any thread. */
    void retain(@Nullable Retention retention) {
        housekeeping.retain(retention);
    }

    /** Whether the last round brought everything; asked from any thread, never waits for the store. */
    boolean works() {
        return works;
    }

    private Ledger ledger() {
        Ledger opened = ledger;
        if (opened == null) {
            opens = true;
            try {
                opened = opening.get();
                ledger = opened;
            } finally {
                opens = false;
            }
        }
        return opened;
    }

    private @Nullable String busy() {
        Ledger opened = ledger;
        return opens ? Ledger.PREPARING : opened == null ? null : opened.busy();
    }

    private void begin() throws IOException {
        if (begun) {
            return;
        }
        delivery.ofEarlierRuns(ledger());
        // What was kept for nodes that are gone counts here as well, where this one stands alone now.
        for (Outbox.Left left : outbox.left()) {
            try {
                delivery.bringEarlier(left.file(), left.from(), ledger());
            } catch (IOException e) {
                LOG.error("{} cannot be read; balances are without its calls: {}", left.file(), e.toString());
            }
        }
        beginning = ledger().balances();
        begun = true;
        tellEarlier();
    }

    /** Where the store has refused something it is not told yet: the rest is stored first. */
    private void tellEarlier() {
        EarlierRuns runs = earlier;
        if (runs != null) {
            runs.tell();
        }
    }

    /** Those of the beginning are for the first who asks. */
    private void give() {
        while (!asked.isEmpty()) {
            List<Balance> balances = beginning != null ? beginning : ledger().balances();
            beginning = null;
            asked.removeFirst().complete(balances);
        }
    }

    /** Whether a file could not be read; all others are brought then. */
    private @Nullable IOException shipped() throws IOException {
        begin();
        try {
            ship();
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    private void ship() throws IOException {
        begin();
        try {
            delivery.all(ledger());
        } finally {
            LedgerTwins others = twins;
            if (others == null) {
                outbox.stored(delivery.stored());
            } else {
                others.stored(ledger(), delivery.stored(), outbox::stored);
            }
            refused(ledger().refused());
        }
    }

    private void refused(long now) {
        if (now > refused) {
            LOG.warn(
                    "{} calls are so old that rows like theirs are deleted, and were perhaps stored before; they are not"
                            + " stored, nor counted in balances",
                    now - refused);
            refused = now;
        }
    }

    /** How many calls were too old to be stored; from any thread. */
    long refused() {
        return refused;
    }

    /** What nodes left that are gone. This node's own calls never wait for more than one file of theirs. */
    private void settleOthers() throws IOException {
        IOException unreadable = null;
        int settled = 0;
        for (Outbox.Left left : outbox.left()) {
            try {
                delivery.bringEarlier(left.file(), left.from(), ledger());
                settled++;
            } catch (NoSuchFileException _) {
                // Its node is back, and has stored it.
            } catch (IOException e) {
                unreadable = e;
            }
            shipped();
        }
        if (settled > 0) {
            LOG.info("What nodes had not stored that are gone is stored: {} files of copies", settled);
        }
        tellEarlier();
        if (unreadable != null) {
            throw unreadable;
        }
    }

    /** Brings what is there now, then asks the ledger; fails soon while its tables are being changed. */
    <T> Future<T> ask(Function<Ledger, T> question) {
        Impatience.Waiting<T> answer = impatience.begin();
        onThread(
                () -> {
                    try {
                        ship();
                    } catch (IOException e) {
                        LOG.error("A journal cannot be read, its spend is not listed: {}", e.toString());
                    }
                    if (answer.take()) {
                        answer.complete(question.apply(ledger()));
                    }
                },
                answer::fail);
        return answer.future();
    }

    /** Asks the ledger as it is. */
    <T> Future<T> at(Function<Ledger, T> question) {
        Promise<T> answer = Promise.promise();
        onThread(() -> answer.complete(question.apply(ledger())), answer::fail);
        return answer.future();
    }

    /**
     * What each holder spent in its last period. For the first who asks: by earlier runs and other nodes, and nothing of this run. For
     * others: all that is stored now. While the store is away this waits for it.
     */
    Future<List<Balance>> balances() {
        Promise<List<Balance>> answer = Promise.promise();
        onThread(
                () -> {
                    asked.add(answer);
                    shipped();
                    give();
                },
                cause -> {
                    // Any other trouble is the next round's, which says it and tries again.
                    if (cause instanceof RejectedExecutionException) {
                        answer.fail(cause);
                    }
                });
        return answer.future();
    }

    /** Adds to balances, all or nothing; done when it is stored. Fails with a readable reason when the store does not take it. */
    Future<Void> adjust(Map<Charge, Long> amounts) {
        Impatience.Waiting<Void> done = impatience.begin();
        onThread(
                () -> {
                    begin();
                    if (done.take()) {
                        ledger().adjust(amounts);
                        done.complete();
                    }
                },
                done::fail);
        return done.future();
    }

    /** Brings what is left and closes the store. */
    Future<Void> close() {
        Promise<Void> done = Promise.promise();
        onThread(
                () -> {
                    closed = true;
                    thread.shutdown();
                    try {
                        ship();
                        settleOthers();
                    } finally {
                        Ledger opened = ledger;
                        if (opened != null) {
                            opened.close();
                        }
                        asked.forEach(answer -> answer.fail("The ledger is closed"));
                    }
                    done.complete();
                },
                cause -> {
                    LOG.error(
                            "Spend stays in the journal until the next start: {}",
                            cause instanceof StoreException ? cause.getMessage() : cause.toString());
                    done.complete();
                });
        LedgerTwins others = twins;
        return others == null ? done.future() : done.future().eventually(others::close);
    }

    private interface Step {
        void run() throws IOException;
    }

    private void onThread(Step step, Consumer<Throwable> failed) {
        try {
            thread.execute(() -> {
                try {
                    step.run();
                } catch (IOException | RuntimeException | LinkageError e) {
                    failed.accept(e);
                }
            });
        } catch (RejectedExecutionException e) {
            failed.accept(e);
        }
    }
}
