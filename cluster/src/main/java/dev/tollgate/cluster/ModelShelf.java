package dev.tollgate.cluster;

import dev.tollgate.config.Composed;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoredModels;
import io.vertx.core.Future;
import java.util.List;

/**
 * Where the accounting role puts the models and credentials that the admin API made, in clear, for the launcher to put them in force
 * together with the file's. Asked and filled from any thread.
 */
public final class ModelShelf {
    private volatile Composer composer = new Nobody();
    private volatile int unreadable;
    private volatile int mistaken;
    private volatile String stamp = "";
    private volatile Borrower borrower = (_, _) -> Future.succeededFuture();

    /** Whoever, on a node that only talks to providers, gets models of the admin API from the node that wants calls of them made. */
    public interface Borrower {
        /** Completes when the models that go by this stamp on that node are in force here. */
        Future<Void> borrow(String node, String stamp);
    }

    /** Whoever has the file's configuration and all the lanes. */
    public interface Composer {

        /** What the configuration would be with these; nothing comes of it. */
        Composed tried(StoredModels stored);

        /**
         * Puts these in force in place of those before. Completes once every lane of this node has gone over to them; in a cluster,
         * this is where the other nodes would be waited for.
         */
        Future<Composed> bring(StoredModels stored);

        /** Credentials that stand in the file. */
        List<FileCredential> credentials();
    }

    /** From now on this is asked. */
    public void composer(Composer next) {
        composer = next;
    }

    /** What the configuration would be with these; nothing comes of it. */
    public Composed tried(StoredModels stored) {
        return composer.tried(stored);
    }

    /** Puts these in force; completes when every lane has gone over to them. {@code closed}: how many more could not be opened. */
    public Future<Composed> bring(StoredModels stored, int closed) {
        unreadable = closed;
        return composer.bring(stored);
    }

    /** From now on the models of this node go by this stamp, for nodes that make its calls. */
    public void stamp(String next) {
        stamp = next;
    }

    /** What this node's models go by elsewhere; empty: there are none that others would have to be told of. */
    public String stamp() {
        return stamp;
    }

    /** From now on this gets models of other nodes. */
    public void borrower(Borrower next) {
        borrower = next;
    }

    /** Completes when the models that go by this stamp on that node are in force here. */
    public Future<Void> borrow(String node, String wanted) {
        return borrower.borrow(node, wanted);
    }

    /** Credentials that stand in the file. */
    public List<FileCredential> credentials() {
        return composer.credentials();
    }

    /** How many of those that were brought have a mistake; said by whoever puts them in force. */
    public void mistaken(int entries) {
        mistaken = entries;
    }

    /** How many entries of the store are not in force. */
    public int leftOut() {
        return unreadable + mistaken;
    }

    /** There is no launcher, as in a test of one room. */
    private static final class Nobody implements Composer {
        private static final Composed NOTHING = new Composed(
                new Snapshot(
                        0, "(none)", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of()),
                List.of());

        @Override
        public Composed tried(StoredModels stored) {
            return NOTHING;
        }

        @Override
        public Future<Composed> bring(StoredModels stored) {
            return Future.succeededFuture(NOTHING);
        }

        @Override
        public List<FileCredential> credentials() {
            return List.of();
        }
    }
}
