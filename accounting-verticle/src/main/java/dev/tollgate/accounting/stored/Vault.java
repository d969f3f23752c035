package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.stored.Opening.Inside;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.config.Composed;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Roles;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoredModels;
import dev.tollgate.protocol.Secret;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models and credentials of the book. In there, the part of each that may be secret is sealed; here it is opened, to be shown to
 * admins without its secrets and to be put in force. An entry that cannot be opened is left out and said once; nothing is deleted.
 */
public final class Vault implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);
    private static final long PATIENCE_SECONDS = 10;
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final Book book;
    private final ModelShelf shelf;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("tollgate-models").factory());
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private final int rounds;
    private final Lending lending;
    private volatile Seals seals;
    private volatile @Nullable Snapshot config;
    private volatile long brought = Long.MIN_VALUE;
    private volatile boolean warned;

    private volatile @Nullable String trouble;

    /** It cannot be opened or sealed; the message says why, and what to do. */
    public static final class Closed extends Exception {
        private static final long serialVersionUID = 1;

        Closed(String message) {
            super(message);
        }
    }

    /** Over the node's book; what is opened goes onto the shelf. */
    public Vault(Book book, ModelShelf shelf, Peers peers) {
        this(book, shelf, peers, Seal.ROUNDS);
    }

    /** One whose keys are stretched by so many rounds: few, for tests. */
    public Vault(Book book, ModelShelf shelf, Peers peers, int rounds) {
        this(book, shelf, peers, rounds, AGAIN);
    }

    /** {@code again}: how soon it is tried again to have opened elsewhere what was not. */
    Vault(Book book, ModelShelf shelf, Peers peers, int rounds, Duration again) {
        this.book = book;
        this.shelf = shelf;
        this.rounds = rounds;
        this.lending = new Lending(book::entries, shelf, peers);
        this.seals = new Seals(null, null, rounds);
        peers.onChange(() -> {
            if (waiting()) {
                later(this::again);
            }
        });
        thread.scheduleWithFixedDelay(guarded(this::again), again.toMillis(), again.toMillis(), TimeUnit.MILLISECONDS);
    }

    private boolean waiting() {
        return brought != Long.MIN_VALUE && apart() && accepts() && lending.waiting();
    }

    private void again() {
        if (waiting() && lending.changed()) {
            bring();
        }
    }

    /** Whether this node must not hold what is secret in models: it leaves talking to providers to others, which open and seal them. */
    public boolean apart() {
        Snapshot now = config;
        ClusterSettings cluster = now == null ? null : now.cluster();
        return cluster != null && cluster.roles() == Roles.FRONT;
    }

    /** Takes over the keys of a configuration. May be told by any thread, and tells nothing back on it. */
    public void configured(Snapshot next) {
        Snapshot before = config;
        config = next;
        Secret salt = next.storing().saltKey();
        Secret master = next.general().masterKey();
        boolean other = !seals.hold(salt, master);
        if (other) {
            Seals fresh = new Seals(salt, master, rounds);
            seals = fresh;
            // While the store is being opened: whoever set a salt key has models there, or will.
            later(fresh::prepare);
        }
        boolean switched =
                before != null && before.storing().accepted() != next.storing().accepted();
        if ((other || switched) && brought != Long.MIN_VALUE) {
            later(this::bring);
        }
    }

    /** The book has changed. {@code stamp}: a number that changes with its models and credentials. */
    public void changed(long stamp) {
        if (stamp != brought) {
            brought = stamp;
            later(this::bring);
        }
    }

    /** Completes when what the book was changed to before is in force here; fails when it could not be put in force. */
    public Future<Void> settled() {
        Promise<Void> done = Promise.promise();
        if (!later(() -> settle(done))) {
            done.fail("This node is stopping");
        }
        return done.future();
    }

    private void settle(Promise<Void> done) {
        String why = trouble;
        if (why == null) {
            done.complete();
        } else {
            done.fail(why);
        }
    }

    private boolean later(Runnable task) {
        try {
            thread.execute(guarded(task));
            return true;
        } catch (RejectedExecutionException _) {
            // This node is stopping.
            return false;
        }
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("The models of the admin API stay as they are on this node", e);
            }
        };
    }

    /** Whether there may be models of the admin API. */
    public boolean accepts() {
        Snapshot now = config;
        return now == null || now.storing().accepted();
    }

    /** All models in force. */
    public ModelTable models() {
        Snapshot now = config;
        return now == null ? ModelTable.empty() : now.models();
    }

    /** Credentials that stand in the file. */
    public List<FileCredential> fileCredentials() {
        return shelf.credentials();
    }

    /** A document as it is stored. */
    public JsonObject sealed(Kind kind, String id, JsonObject clear) throws Closed {
        return apart()
                ? lending.keyholders().sealed(kind, id, clear, book.entries(Kind.CREDENTIAL))
                : sealed(seals, kind, id, clear);
    }

    static JsonObject sealed(Seals seals, Kind kind, String id, JsonObject clear) throws Closed {
        String part = Opening.secretPart(kind);
        String text = seals.close(
                kind, id, clear.getJsonObject(part, new JsonObject()).encode());
        if (text == null) {
            throw new Closed("What a model or credential holds is stored encrypted, and there is no key to do it with:"
                    + " set LITELLM_SALT_KEY, or general_settings.master_key");
        }
        return clear.copy().put(part, new JsonObject().put(Opening.SEALED, text));
    }

    /** A document as it was before it was sealed, or what this node may see of it. */
    public JsonObject opened(Entry entry) throws Closed {
        return opening().opened(entry);
    }

    private Opening opening() {
        return apart() ? new Opening(lending.keyholders()::opened) : new Opening(seals);
    }

    /** {@code document}: put in the place of that entry, when {@code kind} is not null; null: as if the entry were gone. */
    private Inside inside(@Nullable Kind kind, String id, @Nullable JsonObject document) {
        return opening().all(book::entries, kind, id, document);
    }

    /**
     * What would be wrong if this were the entry's document, in clear, or null: if the entry were gone; nothing when all is well. Other
     * entries count that would not be in force any more.
     */
    public List<String> mistakes(Kind kind, String id, @Nullable JsonObject document) {
        Composed before = shelf.tried(inside(null, "", null).stored());
        Composed after = shelf.tried(inside(kind, id, document).stored());
        Set<String> known = new HashSet<>();
        before.leftOut().forEach(entry -> known.add(entry.what() + "\n" + entry.id()));
        List<String> mistakes = new ArrayList<>();
        for (Composed.LeftOut entry : after.leftOut()) {
            if (entry.what().equals(kind.storedName()) && entry.id().equals(id)) {
                entry.problems().forEach(problem -> mistakes.add(problem.message()));
            } else if (!known.contains(entry.what() + "\n" + entry.id())) {
                entry.problems().forEach(problem -> mistakes.add(problem.toString()));
            }
        }
        if (kind == Kind.CREDENTIAL && mistakes.isEmpty()) {
            Set<String> lost = groups(before);
            lost.removeAll(groups(after));
            lost.forEach(model -> mistakes.add("the model `" + model + "` needs it"));
        }
        return mistakes;
    }

    private static Set<String> groups(Composed composed) {
        Set<String> groups = new TreeSet<>();
        composed.snapshot().models().deployments().stream()
                .map(Deployment::group)
                .forEach(groups::add);
        return groups;
    }

    /**
     * Puts in force what the book has now. Returns when this node's lanes have gone over to it, or with false and a word in the log when
     * one of them did not; must not be called on one of them.
     */
    public synchronized boolean bring() {
        // Whatever stops this from getting to its end.
        trouble = "the models of the admin API are not in force";
        if (apart() && accepts() && !lending.lend()) {
            return false;
        }
        Opening opening = apart() ? lending.opening() : new Opening(seals);
        Inside inside =
                accepts() ? opening.all(book::entries, null, "", null) : new Inside(StoredModels.NONE, List.of());
        inside.closed().stream()
                .filter(said::add)
                .forEach(each -> LOG.error("Left out of what the admin API made: the {}", each));
        if (!inside.stored().isEmpty() && !apart() && seals.saltless() && !warned) {
            warned = true;
            LOG.warn("Models of the admin API are encrypted with the master key, since LITELLM_SALT_KEY is not set:"
                    + " with another master key they cannot be read any more");
        }
        try {
            shelf.bring(inside.stored(), inside.closed().size())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            trouble = null;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("Not every lane of this node has gone over to the models of the admin API: {}", e.toString());
        }
        return trouble == null;
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
