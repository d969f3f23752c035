package dev.tollgate.cluster.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.NotNow;
import dev.tollgate.config.ClusterSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event bus between nodes, over TLS that both sides prove themselves in. Each node has one address, registered once: all letters
 * go there. Everything runs on one event loop of its own, so letters to a node arrive in the order in which they were handed over.
 */
final class NodeBus {
    private static final Logger LOG = LoggerFactory.getLogger(NodeBus.class);
    private static final String ADDRESS = "tollgate.node.";
    private static final int HANDLER_FAILED = 500;
    private static final long SOON_MILLIS = 50;

    /** Asks a node whether it listens; whatever it answers, it does. The answer's members say what it understands. */
    private static final String HELLO = "hello";

    private static final String BUNDLES = "bundles";

    private static final long LONGEST_HELLO_MILLIS = 2_000;
    private static final long LONGEST_OPENING_SECONDS = 20;

    private final Vertx vertx;
    private final Context context;
    private final MessageConsumer<Buffer> consumer;
    private final Map<String, Postbag> bags = new ConcurrentHashMap<>();

    /** Not answered yet. Nobody else would answer them when the bus closes. */
    private final Set<Question> questions = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    private NodeBus(Vertx vertx, String id, Function<Letter, Future<Letter>> handler) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.consumer = vertx.eventBus().consumer(ADDRESS + id, message -> handled(message, handler));
    }

    /** Blocks until others can reach it. */
    static NodeBus open(
            HazelcastInstance member,
            String id,
            ClusterSettings settings,
            NodeCertificate certificate,
            Function<Letter, Future<Letter>> handler) {
        String host = member.getCluster().getLocalMember().getAddress().getHost();
        String local = MemberConfig.local(host);
        EventBusOptions options = new EventBusOptions()
                .setHost(local == null ? "0.0.0.0" : local)
                .setPort(settings.busPort())
                .setClusterPublicHost(host)
                .setClusterPublicPort(settings.busPort())
                .setSsl(true)
                .setKeyCertOptions(certificate.own())
                .setTrustOptions(certificate.others())
                .setClientAuth(ClientAuth.REQUIRED)
                .setTcpNoDelay(true)
                .setConnectTimeout(2_000)
                .setClusterPingInterval(5_000)
                .setClusterPingReplyInterval(5_000);
        Future<Vertx> opening = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(4)
                        .setInternalBlockingPoolSize(4)
                        .setPreferNativeTransport(true)
                        .setEventBusOptions(options))
                .withClusterManager(new HazelcastClusterManager(member))
                .buildClustered();
        try {
            NodeBus bus = new NodeBus(opening.await(LONGEST_OPENING_SECONDS, TimeUnit.SECONDS), id, handler);
            bus.consumer.completion().await(LONGEST_OPENING_SECONDS, TimeUnit.SECONDS);
            return bus;
        } catch (Exception e) {
            // However late it opens: it would keep the port.
            opening.onSuccess(Vertx::close);
            throw new IllegalStateException(
                    "the event bus on port " + settings.busPort() + " could not be opened: " + e.getMessage(), e);
        }
    }

    private static void handled(Message<Buffer> message, Function<Letter, Future<Letter>> handler) {
        handled(message.body(), handler)
                .onComplete(
                        letter -> reply(message, letter),
                        cause -> message.fail(HANDLER_FAILED, String.valueOf(cause.getMessage())));
    }

    private static Future<Letter> handled(Buffer wire, Function<Letter, Future<Letter>> handler) {
        Future<Letter> answer;
        try {
            Letter heard = Letter.decode(wire);
            answer = switch (heard.topic()) {
                case HELLO -> Future.succeededFuture(new Letter("", new JsonObject().put(BUNDLES, true)));
                case Postbag.BUNDLE -> {
                    Postbag.open(heard).forEach(each -> handled(each, handler));
                    yield Future.succeededFuture(Letter.done());
                }
                default -> handler.apply(heard);
            };
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        return answer.onFailure(cause -> {
            if (!(cause instanceof NotNow)) {
                LOG.warn("A letter of another node was not understood: {}", String.valueOf(cause.getMessage()));
            }
        });
    }

    private static void reply(Message<Buffer> message, Letter letter) {
        if (message.replyAddress() != null) {
            message.reply(letter.encode());
        }
    }

    /** Asks a node; one that has only just joined may not listen yet, so it is asked again as long as it is {@code there}. */
    void ask(String node, Letter letter, Duration within, BooleanSupplier there, Promise<Letter> answer) {
        Question question = new Question(node, letter.encode(), System.nanoTime() + within.toNanos(), there, answer);
        questions.add(question);
        if (closed) {
            question.fail(new IllegalStateException("The event bus between nodes is closed"));
            return;
        }
        try {
            bag(node, there).behind(question::send);
        } catch (RuntimeException e) {
            question.fail(e);
        }
    }

    /** Made when a node is written to for the first time, and asked then what it understands. */
    private Postbag bag(String node, BooleanSupplier there) {
        Postbag bag = bags.get(node);
        return bag != null
                ? bag
                : bags.computeIfAbsent(node, _ -> {
                    Postbag made = new Postbag(
                            task -> context.runOnContext(_ -> task.run()),
                            wire -> vertx.eventBus().send(ADDRESS + node, wire));
                    Consumer<Letter> heard = answer -> {
                        if (answer.members().getBoolean(BUNDLES, false)) {
                            made.bundles();
                        }
                    };
                    // Whoever writes to it when it is there again makes a new one, and asks anew what it understands.
                    made.behind(() -> greet(node, there, heard, () -> bags.remove(node, made)));
                    return made;
                });
    }

    /** To how many nodes letters are under way, or were. */
    int bags() {
        return bags.size();
    }

    /** The node is gone. */
    void forget(String node) {
        bags.remove(node);
    }

    /** {@code heard} runs when it has answered for the first time, unless it goes before. */
    void greet(String node, BooleanSupplier there, Runnable heard) {
        context.runOnContext(_ -> greet(node, there, _ -> heard.run(), () -> {}));
    }

    private void greet(String node, BooleanSupplier there, Consumer<Letter> heard, Runnable gone) {
        if (!there.getAsBoolean()) {
            gone.run();
            return;
        }
        vertx.eventBus()
                .<Buffer>request(
                        ADDRESS + node,
                        new Letter(HELLO, new JsonObject()).encode(),
                        new DeliveryOptions().setSendTimeout(LONGEST_HELLO_MILLIS))
                .map(answer -> Letter.decode(answer.body()))
                .onComplete(heard::accept, cause -> {
                    if (cause instanceof ReplyException reply
                            && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
                        heard.accept(Letter.done());
                    } else {
                        vertx.setTimer(SOON_MILLIS, _ -> greet(node, there, heard, gone));
                    }
                });
    }

    /** Tells a node as long as it is {@code there}, and does not wait. */
    void tell(String node, Letter letter, BooleanSupplier there) {
        if (!closed) {
            bag(node, there).letter(letter.encode());
        }
    }

    /** Blocks until it is closed, for some seconds at most. What was asked and not answered fails then. */
    void close() {
        closed = true;
        try {
            vertx.close().await(LONGEST_OPENING_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            LOG.warn("The event bus between nodes did not close in order: {}", e.toString());
        } finally {
            questions.forEach(each -> each.fail(new IllegalStateException("The event bus between nodes is closed")));
        }
    }

    /** One letter that is to be answered. Whatever becomes of it, whoever asked hears of it. */
    private final class Question {
        private final String node;
        private final Buffer wire;
        private final long until;
        private final BooleanSupplier there;
        private final Promise<Letter> answer;

        Question(String node, Buffer wire, long until, BooleanSupplier there, Promise<Letter> answer) {
            this.node = node;
            this.wire = wire;
            this.until = until;
            this.there = there;
            this.answer = answer;
        }

        void send() {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0 || !there.getAsBoolean()) {
                fail(new ReplyException(ReplyFailure.TIMEOUT, "The node does not answer"));
                return;
            }
            try {
                vertx.eventBus()
                        .<Buffer>request(ADDRESS + node, wire, new DeliveryOptions().setSendTimeout(left))
                        .onComplete(message -> answered(message.body()), this::unheard);
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        }

        private void answered(Buffer body) {
            try {
                Letter heard = Letter.decode(body);
                questions.remove(this);
                answer.tryComplete(heard);
            } catch (RuntimeException e) {
                // Not a letter, or one whose members are no JSON.
                fail(e);
            }
        }

        private void unheard(Throwable cause) {
            if (cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS) {
                try {
                    vertx.setTimer(SOON_MILLIS, _ -> send());
                } catch (RuntimeException e) {
                    fail(e);
                }
            } else {
                fail(cause);
            }
        }

        void fail(Throwable cause) {
            questions.remove(this);
            try {
                answer.tryFail(cause);
            } catch (RuntimeException | Error e) {
                // Of whoever asked. When the bus closes, the others are to hear of it as well.
                LOG.error("A question that failed could not be ended", e);
            }
        }
    }
}
