package dev.tollgate.accounting.book;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One of two nodes in one process; letters go through the wire's own form, or get lost. */
final class Pair implements Peers {
    private final Map<String, Function<Letter, Future<Letter>>> handlers = new HashMap<>();
    private @Nullable Pair other;
    private boolean lost;

    static List<Pair> both() {
        Pair one = new Pair();
        Pair two = new Pair();
        one.other = two;
        two.other = one;
        return List.of(one, two);
    }

    /** From now on nothing that this one sends arrives. */
    void lose() {
        lost = true;
    }

    @Override
    public State state() {
        return State.JOINED;
    }

    @Override
    public String self() {
        return "self";
    }

    @Override
    public List<Peer> all() {
        return List.of(peer("self"), peer("other"));
    }

    private static Peer peer(String id) {
        return new Peer(id, id + ":5701", EnumSet.allOf(Role.class), "test");
    }

    @Override
    public void onChange(Runnable changed) {
        // Both are there from beginning to end.
    }

    @Override
    public void receive(String topic, Function<Letter, Future<Letter>> handler) {
        handlers.put(topic, handler);
    }

    @Override
    public Future<Letter> ask(String node, Letter letter, Duration within) {
        var handler = Objects.requireNonNull(other).handlers.get(letter.topic());
        return lost || handler == null
                ? Future.failedFuture("no answer")
                : handler.apply(Letter.decode(letter.encode()));
    }

    @Override
    public void tell(String node, Letter letter) {
        ask(node, letter, Duration.ZERO);
    }

    @Override
    public Future<Receipt> announce(Letter letter, Duration within) {
        return ask("other", letter, within)
                .map(answer -> new Receipt(Map.of(peer("other"), answer), List.of()))
                .otherwise(_ -> new Receipt(Map.of(), List.of(peer("other"))));
    }

    @Override
    public Future<Void> leave() {
        return Future.succeededFuture();
    }
}
