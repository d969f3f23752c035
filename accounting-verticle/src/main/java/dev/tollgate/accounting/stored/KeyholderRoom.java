package dev.tollgate.accounting.stored;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.config.Roles;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicReference;

/** Stands beside the providers: models of the admin API for nodes that do not talk to providers, and theirs for this one. */
public final class KeyholderRoom implements Room {
    private final AtomicReference<Keyholder> opened = new AtomicReference<>();

    @Override
    public Role role() {
        return Role.PROVIDER;
    }

    @Override
    public Future<Void> open(Node node) {
        Keyholder keyholder = new Keyholder(node.peers(), node.shelf(), Seal.ROUNDS, System::nanoTime);
        opened.set(keyholder);
        node.peers().receive(Sheet.KEYHOLDER, keyholder::asked);
        return Future.succeededFuture();
    }

    @Override
    public Deployable onLane(Lane lane) {
        Keyholder keyholder = opened.get();
        if (keyholder != null && lane.number() == 0) {
            lane.onConfig(keyholder::configured);
            // A node that plays all roles has models of its own store.
            ClusterSettings cluster = lane.config().cluster();
            if (cluster != null && cluster.roles() == Roles.PROVIDER) {
                lane.node().shelf().borrower(keyholder);
            }
        }
        return new Nothing();
    }

    /** A node has one keyholder, and lanes have none. */
    private static final class Nothing implements Deployable {
        @Override
        public Future<?> deploy(Context context) {
            return Future.succeededFuture();
        }

        @Override
        public Future<?> undeploy(Context context) {
            return Future.succeededFuture();
        }
    }

    @Override
    public Future<Void> close(Node node) {
        Keyholder keyholder = opened.get();
        if (keyholder != null) {
            keyholder.close();
        }
        return Future.succeededFuture();
    }
}
