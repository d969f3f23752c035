package dev.tollgate.accounting;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Letters that ask for batches: so many arrive, and no more. */
record LossyPeers(Peers to, AtomicInteger left) implements Peers {
    @Override
    public State state() {
        return to.state();
    }

    @Override
    public String self() {
        return to.self();
    }

    @Override
    public List<Peer> all() {
        return to.all();
    }

    @Override
    public void onChange(Runnable changed) {
        to.onChange(changed);
    }

    @Override
    public void receive(String topic, Function<Letter, Future<Letter>> handler) {
        to.receive(topic, handler);
    }

    @Override
    public Future<Letter> ask(String node, Letter letter, Duration within) {
        return letter.topic().equals(BatchLetter.LACKING) && left.getAndUpdate(now -> Math.max(0, now - 1)) == 0
                ? Future.failedFuture("a letter was lost")
                : to.ask(node, letter, within);
    }

    @Override
    public void tell(String node, Letter letter) {
        to.tell(node, letter);
    }

    @Override
    public Future<Receipt> announce(Letter letter, Duration within, Set<Role> roles) {
        return to.announce(letter, within, roles);
    }

    @Override
    public Future<Void> leave() {
        return to.leave();
    }
}
