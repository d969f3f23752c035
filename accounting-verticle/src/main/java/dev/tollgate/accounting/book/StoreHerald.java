package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where all nodes have one store: what another one wrote is put into this node's memory, without asking the store for it. */
final class StoreHerald implements Herald {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHerald.class);
    private static final int MOST_STRANGERS = 100;

    private final BookKeeper keeper;
    private final BookMemory memory;
    private final Peers peers;
    private final Executor news;
    private final Function<Set<Kind>, Future<Void>> inForce;
    private final Set<String> strangers = ConcurrentHashMap.newKeySet();

    /**
     * Listens from now on.
     *
     * @param news runs what never waits for the store, one after the other
     * @param inForce completes when news of these kinds hold here
     */
    StoreHerald(
            BookKeeper keeper,
            BookMemory memory,
            Peers peers,
            Executor news,
            Function<Set<Kind>, Future<Void>> inForce) {
        this.keeper = keeper;
        this.memory = memory;
        this.peers = peers;
        this.news = news;
        this.inForce = inForce;
        peers.receive(BookNews.TOPIC, letter -> heard(BookNews.of(letter)));
    }

    @Override
    public void start() {
        // It hears of everything, or asks the store.
    }

    @Override
    public void wrote(List<Definition> written) {
        // It is in the memory already.
    }

    @Override
    public List<String> told(List<Definition> written) {
        return BookNews.unreached(peers, new BookNews(written, memory.store()).letter());
    }

    private Future<Letter> heard(BookNews told) {
        return Errand.on(news, () -> {
            if (told.ofAnotherStoreThan(memory.store())) {
                stranger(told.store());
                return Future.succeededFuture(BookNews.refused("another store"));
            }
            keeper.follow(memory.heard(told));
            return BookNews.answer(inForce.apply(told.kinds()));
        });
    }

    private void stranger(String store) {
        if (strangers.size() < MOST_STRANGERS && strangers.add(store)) {
            LOG.warn(
                    "Nodes of this cluster have different stores: what another one changed of keys, users, teams and models does not"
                            + " hold here. Give all of them the same DATABASE_URL");
        }
    }
}
