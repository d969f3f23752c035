package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import dev.tollgate.protocol.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Nodes and lanes in one thread, with a clock of their own: what waits in a queue of a lane or on the way between two nodes happens in
 * its order, and which queue comes next is drawn. The same seed makes the same course of events.
 */
final class Stage {
    final Random random;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Deque<Runnable>> queues = new LinkedHashMap<>();
    Predicate<Letter> losing = _ -> false;
    int letters;
    long now = 1_000_000_000_000L;

    Stage(long seed) {
        random = new Random(seed);
    }

    Node node(String id, Set<Role> roles) {
        Node node = new Node(id, roles);
        nodes.put(id, node);
        changed();
        return node;
    }

    /** As if it had been killed: nothing that it has not yet sent is sent. */
    void kill(String id) {
        nodes.remove(id);
        queues.keySet().removeIf(queue -> queue.startsWith(id + "#") || queue.startsWith(id + ">"));
        changed();
    }

    private void changed() {
        List.copyOf(nodes.values()).forEach(node -> List.copyOf(node.listeners).forEach(Runnable::run));
    }

    private void later(String queue, Runnable task) {
        queues.computeIfAbsent(queue, _ -> new ArrayDeque<>()).add(task);
    }

    /** Lets happen what happens without time passing, but no more than so many things. */
    boolean run(int most) {
        for (int i = 0; i < most; i++) {
            List<Deque<Runnable>> waiting =
                    queues.values().stream().filter(queue -> !queue.isEmpty()).toList();
            if (waiting.isEmpty()) {
                return false;
            }
            waiting.get(random.nextInt(waiting.size())).remove().run();
        }
        return true;
    }

    void run() {
        if (run(1_000_000)) {
            throw new AssertionError("It goes on for ever");
        }
    }

    /** Seconds pass, with the beats of all lanes. */
    void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            now += Duration.ofSeconds(1).toNanos();
            nodes.values().forEach(node -> node.beats.forEach(Runnable::run));
            run();
        }
    }

    final class Node implements Peers {
        final String id;
        final Set<Role> roles;
        final List<Runnable> listeners = new ArrayList<>();
        final List<Runnable> beats = new ArrayList<>();
        private final Map<String, Function<Letter, Future<Letter>>> handlers = new HashMap<>();
        private final Map<String, Handler<Object>> receivers = new HashMap<>();
        private final Map<String, String> queueOf = new HashMap<>();

        Node(String id, Set<Role> roles) {
            this.id = id;
            this.roles = roles;
        }

        LaneBus lane(int number) {
            return new LaneBus(this, number);
        }

        /** Takes letters as {@link Posts} does. */
        void read(String topic, Function<Letter, List<Integer>> lanes, Map<Integer, Posts.Reader> readers) {
            receive(topic, letter -> {
                lanes.apply(letter)
                        .forEach(lane ->
                                later(id + "#" + lane, () -> readers.get(lane).read(letter)));
                return Future.succeededFuture(Letter.done());
            });
        }

        @Override
        public State state() {
            return State.JOINED;
        }

        @Override
        public String self() {
            return id;
        }

        @Override
        public List<Peer> all() {
            return nodes.values().stream()
                    .map(node -> new Peer(node.id, node.id, node.roles, "test"))
                    .toList();
        }

        @Override
        public void onChange(Runnable changed) {
            listeners.add(changed);
        }

        @Override
        public void receive(String topic, Function<Letter, Future<Letter>> handler) {
            handlers.put(topic, handler);
        }

        @Override
        public Future<Letter> ask(String node, Letter letter, Duration within) {
            throw new AssertionError("Attempts are told, not asked");
        }

        @Override
        public void tell(String node, Letter letter) {
            if (losing.test(letter)) {
                return;
            }
            letters++;
            Letter arriving = Letter.decode(letter.encode());
            later(id + ">" + node, () -> {
                Node other = nodes.get(node);
                if (other != null && other.handlers.containsKey(arriving.topic())) {
                    other.handlers.get(arriving.topic()).apply(arriving);
                }
            });
        }

        @Override
        public Future<Receipt> announce(Letter letter, Duration within, Set<Role> playing) {
            throw new AssertionError("Attempts are told, not announced");
        }

        @Override
        public Future<Void> leave() {
            throw new AssertionError("It is killed");
        }
    }

    /** One lane's bus: answers are the lane's own, other addresses the node's. */
    final class LaneBus implements Bus {
        final Node node;
        final int lane;

        LaneBus(Node node, int lane) {
            this.node = node;
            this.lane = lane;
        }

        void soon(Runnable task) {
            later(node.id + "#" + lane, task);
        }

        @Override
        public <Q, A> Future<A> ask(String address, Q question) {
            Promise<A> answer = Promise.promise();
            Handler<Object> handler = node.receivers.get(Addresses.onLane(address, lane));
            if (handler == null) {
                return Future.failedFuture(new ReplyException(ReplyFailure.NO_HANDLERS, "nobody"));
            }
            soon(() -> handler.handle(new Object[] {question, answer}));
            return answer.future();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <Q, A> void answer(String address, Function<Q, Future<A>> handler) {
            node.receivers.put(Addresses.onLane(address, lane), both -> {
                Object[] pair = (Object[]) both;
                handler.apply((Q) pair[0]).onComplete((Promise<A>) pair[1]);
            });
        }

        @Override
        public void send(String address, Object message) {
            String queue = node.queueOf.get(address);
            if (queue != null) {
                later(queue, () -> {
                    Handler<Object> handler = node.receivers.get(address);
                    if (handler != null) {
                        handler.handle(message);
                    }
                });
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public <M> MessageConsumer<M> receive(String address, Handler<M> handler) {
            Handler<Object> receiver = message -> handler.handle((M) message);
            node.receivers.put(address, receiver);
            node.queueOf.put(address, node.id + "#" + lane);
            return (MessageConsumer<M>) Proxy.newProxyInstance(
                    Stage.class.getClassLoader(), new Class<?>[] {MessageConsumer.class}, (_, method, _) -> {
                        if (!method.getName().equals("unregister")) {
                            throw new UnsupportedOperationException(method.getName());
                        }
                        node.receivers.remove(address, receiver);
                        return Future.succeededFuture();
                    });
        }
    }
}
