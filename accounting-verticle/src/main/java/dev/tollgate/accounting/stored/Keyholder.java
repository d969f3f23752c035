package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.Composed;
import dev.tollgate.config.Snapshot;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On a node that talks to providers: opens and seals models and credentials for nodes that must not hold what is secret in them, and, where it does nothing
 * else, gets from these nodes, sealed, the models that it makes calls to for them. Such a node keeps nothing on its disk.
 *
 * <p>An attempt says by which stamp the models go of the node that asks. One that is not known here has the entries fetched, opened and put
 * in force before the attempt is made; so a model can be used from the moment in which the admin's call is answered.
 */
final class Keyholder implements ModelShelf.Borrower, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keyholder.class);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration FAILED = Duration.ofSeconds(1);
    private static final Duration SWITCHING = Duration.ofSeconds(10);

    private final Peers peers;
    private final ModelShelf shelf;
    private final int rounds;
    private final LongSupplier nanos;
    private final ExecutorService fetching = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("tollgate-borrowed-models").factory());
    private final ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Wanted, Fetch> fetches = new ConcurrentHashMap<>();
    private final Map<String, String> stamps = new ConcurrentHashMap<>();
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    /** Entries by node, who told last comes last. */
    private final Map<String, List<Entry>> borrowed = new LinkedHashMap<>();

    private volatile Seals seals;

    Keyholder(Peers peers, ModelShelf shelf, int rounds, LongSupplier nanos) {
        this.peers = peers;
        this.shelf = shelf;
        this.rounds = rounds;
        this.nanos = nanos;
        this.seals = new Seals(null, null, rounds);
    }

    /** Takes over the keys of a configuration. */
    void configured(Snapshot next) {
        if (!seals.hold(next.storing().saltKey(), next.general().masterKey())) {
            seals = new Seals(next.storing().saltKey(), next.general().masterKey(), rounds);
            stamps.clear();
        }
    }

    /** A letter of a node that needs something opened or sealed. */
    Future<Letter> asked(Letter letter) {
        Promise<Letter> answer = Promise.promise();
        on(answering, answer, () -> {
            JsonObject members = letter.members();
            answer.complete(new Letter(
                    "",
                    members.getString(Sheet.WHAT, "").equals(Sheet.SEAL)
                            ? sealed(members)
                            : seen(Sheet.entries(members.getJsonArray(Sheet.LIST)))));
        });
        return answer.future();
    }

    private JsonObject seen(List<Entry> entries) {
        JsonArray seen = new JsonArray();
        for (Entry entry : entries) {
            String part = Opening.secretPart(entry.kind());
            try {
                JsonObject clear = Opening.opened(seals, entry).getJsonObject(part);
                seen.add(new JsonObject().put(Sheet.PART, new Veil(seals, entry.kind(), entry.id()).over(clear)));
            } catch (Vault.Closed e) {
                seen.add(new JsonObject().put(Sheet.TROUBLE, e.getMessage()));
            }
        }
        return new JsonObject().put(Sheet.LIST, seen);
    }

    private JsonObject sealed(JsonObject members) {
        Entry entry = Sheet.entries(new JsonArray().add(members)).getFirst();
        Kind kind = entry.kind();
        String part = Opening.secretPart(kind);
        try {
            Veil veil = new Veil(seals, kind, entry.id());
            JsonObject secret = veil.off(entry.document().getJsonObject(part, new JsonObject()));
            JsonObject clear = entry.document().copy().put(part, secret);
            List<String> mistakes = mistakes(entry, clear, Sheet.entries(members.getJsonArray(Sheet.LIST)));
            if (!mistakes.isEmpty()) {
                return new JsonObject().put(Sheet.TROUBLE, String.join("; ", mistakes));
            }
            return new JsonObject()
                    .put(Sheet.DOCUMENT, Vault.sealed(seals, kind, entry.id(), clear))
                    .put(Sheet.PART, veil.over(secret));
        } catch (Seal.Broken | Vault.Closed e) {
            return new JsonObject().put(Sheet.TROUBLE, e.getMessage());
        }
    }

    /** What would be wrong with it here, where it is to be used. */
    private List<String> mistakes(Entry entry, JsonObject clear, List<Entry> credentials) {
        Composed with = shelf.tried(new Opening(seals)
                .all(kind -> kind == Kind.CREDENTIAL ? credentials : List.of(), entry.kind(), entry.id(), clear)
                .stored());
        List<String> mistakes = new ArrayList<>();
        with.leftOut().stream()
                .filter(out ->
                        out.what().equals(entry.kind().storedName()) && out.id().equals(entry.id()))
                .forEach(out -> out.problems().forEach(problem -> mistakes.add(problem.message())));
        return mistakes;
    }

    /** Models of a node, as they go by a stamp. */
    private record Wanted(String node, String stamp) {}

    /** One fetching of them, for all who want them. */
    private static final class Fetch {
        private final Promise<Void> inForce = Promise.promise();
        private volatile long failedAt;

        /** Under way, or failed so shortly ago that the next would fail, too, and after waiting for as long. */
        boolean holds(long now) {
            return !inForce.future().isComplete() || now - failedAt < FAILED.toNanos();
        }
    }

    @Override
    public Future<Void> borrow(String node, String stamp) {
        if (stamp.equals(stamps.get(node))) {
            return Future.succeededFuture();
        }
        Wanted wanted = new Wanted(node, stamp);
        Fetch mine = new Fetch();
        Fetch shared =
                fetches.compute(wanted, (_, other) -> other != null && other.holds(nanos.getAsLong()) ? other : mine);
        if (shared == mine) {
            start(wanted, mine);
        }
        return shared.inForce.future();
    }

    private void start(Wanted wanted, Fetch fetch) {
        Promise<Void> done = Promise.promise();
        on(fetching, done, () -> {
            if (!wanted.stamp().equals(stamps.get(wanted.node()))) {
                fetch(wanted.node());
            }
            done.complete();
        });
        done.future()
                .onComplete(
                        _ -> {
                            fetches.remove(wanted, fetch);
                            fetch.inForce.complete();
                        },
                        cause -> {
                            long now = nanos.getAsLong();
                            fetches.values().removeIf(each -> !each.holds(now));
                            fetch.failedAt = now;
                            fetch.inForce.fail(cause);
                        });
    }

    private void fetch(String node) throws Exception {
        JsonObject told = peers.ask(node, new Letter(Sheet.ENTRIES, new JsonObject()), ANSWER)
                .await(2 * ANSWER.toSeconds(), TimeUnit.SECONDS)
                .members();
        Set<String> there = peers.all().stream().map(Peer::id).collect(Collectors.toSet());
        borrowed.keySet().retainAll(there);
        stamps.keySet().retainAll(there);
        borrowed.remove(node);
        borrowed.put(node, Sheet.entries(told.getJsonArray(Sheet.LIST)));
        Collection<Entry> all = newest();
        Seals used = seals;
        Opening.Inside inside = new Opening(used)
                .all(kind -> all.stream().filter(entry -> entry.kind() == kind).toList(), null, "", null);
        inside.closed().stream()
                .filter(said::add)
                .forEach(each -> LOG.error("Calls to it cannot be made here for other nodes: the {}", each));
        shelf.bring(inside.stored(), inside.closed().size()).await(SWITCHING.toSeconds(), TimeUnit.SECONDS);
        stamps.put(node, told.getString(Sheet.STAMP, ""));
        if (seals != used) {
            // Other keys came meanwhile; what they open has to be fetched again.
            stamps.remove(node);
        }
    }

    /** Of each entry what was written last, whoever has it: a node may not have heard yet of what another wrote. */
    private Collection<Entry> newest() {
        Map<List<String>, Entry> all = new LinkedHashMap<>();
        for (List<Entry> entries : borrowed.values()) {
            for (Entry entry : entries) {
                all.merge(
                        List.of(entry.kind().storedName(), entry.id()),
                        entry,
                        (before, told) -> told.version() == 0 || told.version() >= before.version() ? told : before);
            }
        }
        return all.values();
    }

    /** Something that may take a while. */
    private interface Work {
        void run() throws Exception;
    }

    private static void on(ExecutorService thread, Promise<?> answer, Work work) {
        try {
            thread.execute(() -> {
                try {
                    work.run();
                } catch (Exception e) {
                    // await throws whatever the future failed with, checked or not.
                    answer.tryFail(e);
                }
            });
        } catch (RejectedExecutionException _) {
            answer.tryFail("This node is stopping");
        }
    }

    @Override
    public void close() {
        fetching.shutdown();
        answering.shutdown();
    }
}
