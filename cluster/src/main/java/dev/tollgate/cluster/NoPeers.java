package dev.tollgate.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** A node that stands alone. */
public final class NoPeers implements Peers {
    private final String id = UUID.randomUUID().toString();
    private final Peer self;

    /** {@code name} and {@code version} are for people. */
    public NoPeers(String name, String version) {
        this.self = new Peer(id, name, EnumSet.allOf(Role.class), version);
    }

    @Override
    public State state() {
        return State.ALONE;
    }

    @Override
    public String self() {
        return id;
    }

    @Override
    public List<Peer> all() {
        return List.of(self);
    }

    @Override
    public void onChange(Runnable changed) {
        // Nothing ever changes.
    }

    @Override
    public void receive(String topic, Function<Letter, Future<Letter>> handler) {
        // Nobody writes.
    }

    @Override
    public Future<Letter> ask(String node, Letter letter, Duration within) {
        return Future.failedFuture("This node stands alone");
    }

    @Override
    public void tell(String node, Letter letter) {
        // Nobody is there.
    }

    @Override
    public Future<Receipt> announce(Letter letter, Duration within, Set<Role> roles) {
        return Future.succeededFuture(Receipt.NOBODY);
    }

    @Override
    public Future<Void> leave() {
        return Future.succeededFuture();
    }
}
