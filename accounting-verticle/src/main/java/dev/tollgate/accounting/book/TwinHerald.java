package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where each node has a store of its own: what one writes, all others write into theirs before they answer, and nodes that were away get
 * what they lack. Everything here runs on the thread that asks the store. See decision 0016.
 */
final class TwinHerald implements Herald {
    private static final Logger LOG = LoggerFactory.getLogger(TwinHerald.class);

    private final BookKeeper keeper;
    private final TwinStore store;
    private final Peers peers;
    private final Executor thread;
    private final Function<Set<Kind>, Future<Void>> inForce;
    private final TwinRounds rounds;
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * Listens from now on.
     *
     * @param inForce completes when news of these kinds hold here
     */
    TwinHerald(
            BookKeeper keeper,
            TwinStore store,
            Peers peers,
            ScheduledExecutorService thread,
            Function<Set<Kind>, Future<Void>> inForce) {
        this.keeper = keeper;
        this.store = store;
        this.peers = peers;
        this.thread = thread;
        this.inForce = inForce;
        this.rounds = new TwinRounds(store, peers, thread, this::fetched, System::nanoTime);
        listen(BookNews.TOPIC, this::heard);
        listen(TwinLetter.SAME, this::compared);
        listen(TwinLetter.LACKING, letter -> {
            TwinStore.Page page = store.lacking(letter.bytes(), TwinLetter.after(letter));
            return Future.succeededFuture(TwinLetter.page(page.entries(), page.next()));
        });
    }

    private void listen(String topic, Function<Letter, Future<Letter>> handler) {
        peers.receive(topic, letter -> {
            if (!TwinLetter.isOfTwin(letter)) {
                stranger();
                return Future.succeededFuture(BookNews.refused("another store"));
            }
            return Errand.on(thread, () -> handler.apply(letter));
        });
    }

    private void stranger() {
        if (!warned.getAndSet(true)) {
            LOG.warn(
                    "Nodes of this cluster have a database server, and this one has none: what they change of keys, users, teams and"
                            + " models does not hold here. Give all of them the same DATABASE_URL, or none");
        }
    }

    @Override
    public void start() {
        rounds.start();
    }

    @Override
    public void wrote(List<Definition> written) {
        store.wrote(written);
    }

    @Override
    public List<String> told(List<Definition> written) {
        return BookNews.unreached(peers, TwinLetter.news(peers.self(), store.stamped(written)));
    }

    @Override
    public boolean caughtUp() {
        return rounds.caughtUp();
    }

    private List<Definition> merge(List<Stamped> found) {
        List<Definition> taken = store.merge(found);
        if (!taken.isEmpty()) {
            keeper.took(taken);
        }
        return taken;
    }

    private Future<Void> fetched(List<Stamped> found) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        merge(found).forEach(each -> kinds.add(each.kind()));
        return kinds.isEmpty() ? Future.succeededFuture() : inForce.apply(kinds);
    }

    /** An entry must not be here before those that limit it. */
    private Future<Letter> heard(Letter letter) {
        List<Stamped> news = TwinLetter.entries(letter);
        Future<Void> before = store.incomplete(news) ? rounds.pull(TwinLetter.node(letter)) : Future.succeededFuture();
        return before.compose(_ -> Errand.on(thread, () -> {
            merge(news);
            Set<Kind> kinds = EnumSet.noneOf(Kind.class);
            news.forEach(each -> kinds.add(each.kind()));
            return BookNews.answer(inForce.apply(kinds));
        }));
    }

    private Future<Letter> compared(Letter letter) {
        rounds.told(TwinLetter.node(letter), TwinLetter.total(letter));
        return Future.succeededFuture(TwinLetter.same(peers.self(), store.total()));
    }
}
