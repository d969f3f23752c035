package dev.tollgate.cluster.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.ClusterSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a cluster: a Hazelcast member, and beside it a clustered Vert.x instance whose event bus carries letters. Calls of the
 * node itself stay on its own Vert.x instance, which knows nothing of the cluster, so they cost what they cost without one; and the
 * node serves while this one still looks for the others, which takes seconds.
 */
public final class HazelcastPeers implements Peers {
    private static final Logger LOG = LoggerFactory.getLogger(HazelcastPeers.class);
    private static final Duration AGAIN = Duration.ofSeconds(5);
    /** Vert.x takes a node's id from here; Hazelcast's own changes when two halves of a cluster merge. */
    private static final String NODE_ID = "__vertx.nodeId";

    private final ClusterSettings settings;
    private final Peer self;
    private final Map<String, Function<Letter, Future<Letter>>> handlers = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch leaving = new CountDownLatch(1);

    /** Members that came after this node and have not answered it yet: a node's bus opens only when it is a member. */
    private final Set<String> coming = ConcurrentHashMap.newKeySet();

    private volatile State state = State.JOINING;
    private volatile List<Peer> members;
    private volatile @Nullable HazelcastInstance member;
    private volatile @Nullable NodeBus bus;

    private final AtomicInteger memberships = new AtomicInteger();

    /** Not a member yet; {@link #start} begins to become one. */
    public HazelcastPeers(ClusterSettings settings, Set<Role> roles, String version) {
        this.settings = settings;
        String id = UUID.randomUUID().toString();
        String host = settings.host();
        this.self = new Peer(id, (host == null ? "this node" : host) + ":" + settings.port(), roles, version);
        this.members = List.of(self);
    }

    /** Joins, on a thread of its own: that takes some seconds. */
    public void start() {
        Thread.ofPlatform().name("tollgate-cluster").daemon().start(this::join);
    }

    private void join() {
        ClusterSecret secret = new ClusterSecret(settings.secret());
        Config config = MemberConfig.of(settings, secret, self.roles(), self.version());
        config.getMemberAttributeConfig().setAttribute(MemberConfig.PEER, self.id());
        while (state == State.JOINING) {
            try {
                config.getMemberAttributeConfig().setAttribute(NODE_ID, busId());
                become(Hazelcast.newHazelcastInstance(config), secret);
                return;
            } catch (Exception e) {
                // What a future failed with comes as it is, checked or not: a port in use is an IOException.
                LOG.error(
                        "This node cannot be a member of the cluster and tries again in {} s: {}",
                        AGAIN.toSeconds(),
                        String.valueOf(e.getMessage()));
                // It may be open already, and would keep its port.
                closeBus();
                stopMember();
                pause();
            }
        }
    }

    /**
     * By which the bus knows this membership: another one each time. When a node is back before others have seen it go, they then
     * forget what they know of the first, not where the second can be reached.
     */
    private String busId() {
        return memberships.getAndIncrement() == 0
                ? self.id()
                : UUID.randomUUID().toString();
    }

    private void become(HazelcastInstance joined, ClusterSecret secret) {
        member = joined;
        joined.getCluster().addMembershipListener(new Watcher());
        joined.getLifecycleService().addLifecycleListener(this::lives);
        NodeBus opened = NodeBus.open(joined, self.id(), settings, new NodeCertificate(secret), this::handled);
        bus = opened;
        if (!joined.getLifecycleService().isRunning()) {
            closeBus();
            throw new IllegalStateException("the member ended while it joined");
        }
        synchronized (this) {
            if (state == State.JOINING) {
                // Whom an earlier bus has greeted nobody waits for any more.
                coming.clear();
                // First: whoever sees that this node has joined sees with whom.
                members = seen(joined);
                state = State.JOINED;
            }
        }
        look();
        LOG.info("This node is a member of a cluster of {}: {}", members.size(), names());
        if (members.size() == 1 && !settings.join().isEmpty()) {
            LOG.warn(
                    "This node is a cluster of its own: none of {} answers, or none takes it. Are they up, and have they the same"
                            + " cluster secret (without one, the master key counts)? It goes on looking for them",
                    settings.join());
        }
    }

    /** Ends at once when this node is told to leave meanwhile. */
    private void pause() {
        try {
            leaving.await(AGAIN.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> names() {
        return members.stream().map(Peer::name).toList();
    }

    private final class Watcher implements MembershipListener {
        @Override
        public void memberAdded(MembershipEvent event) {
            Peer newcomer = peer(event.getMember());
            NodeBus opened = bus;
            // Whoever was there before this node may be dividing totals with others, and counts at once.
            boolean awaited = opened != null && state == State.JOINED && coming.add(newcomer.id());
            look();
            LOG.info("{} has joined the cluster", newcomer.name());
            if (opened != null && awaited) {
                opened.greet(newcomer.id(), () -> present(newcomer.id()), () -> listens(newcomer.id()));
            }
        }

        @Override
        public void memberRemoved(MembershipEvent event) {
            coming.remove(peer(event.getMember()).id());
            look();
            NodeBus opened = bus;
            if (opened != null) {
                opened.forget(peer(event.getMember()).id());
            }
            LOG.info("{} has left the cluster", peer(event.getMember()).name());
        }
    }

    private void listens(String newcomer) {
        if (coming.remove(newcomer)) {
            changed();
        }
    }

    private void lives(LifecycleEvent event) {
        switch (event.getState()) {
            case MERGED -> {
                LOG.warn("This node was cut off from others and is with them again");
                look();
            }
            case SHUTDOWN -> lost();
            default -> {}
        }
    }

    /** Hazelcast has given up, out of memory perhaps, though nobody told it to. */
    private void lost() {
        synchronized (this) {
            if (state != State.JOINED) {
                return;
            }
            state = State.JOINING;
            members = List.of(self);
        }
        LOG.error("This node is no member of the cluster any more, and joins it again");
        changed();
        // This is a thread of the member's, which ends when this returns.
        Thread.ofPlatform().name("tollgate-cluster").daemon().start(() -> {
            closeBus();
            join();
        });
    }

    private void left() {
        synchronized (this) {
            state = State.LEFT;
            members = List.of(self);
        }
        changed();
    }

    private void closeBus() {
        NodeBus opened = bus;
        bus = null;
        if (opened != null) {
            opened.close();
        }
    }

    private void look() {
        HazelcastInstance joined = member;
        if (joined == null || state == State.LEFT) {
            return;
        }
        synchronized (this) {
            // Or who looked first might write last, and an old sight would stay.
            List<Peer> found = seen(joined);
            if (state != State.LEFT) {
                members = found;
            }
        }
        changed();
    }

    private static List<Peer> seen(HazelcastInstance joined) {
        return joined.getCluster().getMembers().stream()
                .map(HazelcastPeers::peer)
                .toList();
    }

    private void changed() {
        listeners.forEach(Runnable::run);
    }

    private static Peer peer(Member member) {
        String id = member.getAttribute(MemberConfig.PEER) == null
                ? member.getAttribute(NODE_ID)
                : member.getAttribute(MemberConfig.PEER);
        return new Peer(
                id == null ? member.getUuid().toString() : id,
                member.getAddress().getHost() + ":" + member.getAddress().getPort(),
                roles(member.getAttribute(MemberConfig.ROLES)),
                String.valueOf(member.getAttribute(MemberConfig.VERSION)));
    }

    /** Roles that a later release has are none that this one can ask for anything. */
    private static Set<Role> roles(@Nullable String names) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (names != null) {
            List<String> named = Arrays.asList(names.split(","));
            for (Role role : Role.values()) {
                if (named.contains(role.name())) {
                    roles.add(role);
                }
            }
        }
        return roles;
    }

    private Future<Letter> handled(Letter letter) {
        Function<Letter, Future<Letter>> handler = handlers.get(letter.topic());
        if (handler == null) {
            return Future.failedFuture("Nobody here knows of `" + letter.topic() + "`");
        }
        return handler.apply(letter);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public String self() {
        return self.id();
    }

    @Override
    public List<Peer> all() {
        return members;
    }

    @Override
    public List<Peer> listening() {
        return members.stream().filter(each -> !coming.contains(each.id())).toList();
    }

    @Override
    public void onChange(Runnable changed) {
        listeners.add(changed);
    }

    @Override
    public void receive(String topic, Function<Letter, Future<Letter>> handler) {
        handlers.put(topic, handler);
    }

    private boolean present(String node) {
        return members.stream().anyMatch(each -> each.id().equals(node));
    }

    @Override
    public Future<Letter> ask(String node, Letter letter, Duration within) {
        Promise<Letter> answer = promise();
        NodeBus opened = bus;
        if (opened == null || state == State.LEFT) {
            answer.fail("This node is no member of a cluster now");
        } else {
            opened.ask(node, letter, within, () -> present(node), answer);
        }
        return answer.future();
    }

    /** Who asks on a context gets the answer there. */
    private static <T> Promise<T> promise() {
        ContextInternal caller = ContextInternal.current();
        return caller == null ? Promise.promise() : caller.promise();
    }

    @Override
    public void tell(String node, Letter letter) {
        NodeBus opened = bus;
        if (opened != null) {
            opened.tell(node, letter, () -> present(node));
        }
    }

    @Override
    public Future<Receipt> announce(Letter letter, Duration within, Set<Role> roles) {
        Map<Peer, Future<Letter>> asked = new LinkedHashMap<>();
        for (Peer peer : members) {
            if (!peer.id().equals(self.id()) && !Collections.disjoint(peer.roles(), roles)) {
                asked.put(peer, ask(peer.id(), letter, within));
            }
        }
        return Future.join(List.copyOf(asked.values())).transform(_ -> Future.succeededFuture(receipt(asked)));
    }

    /** Who has gone meanwhile need not answer any more. */
    private Receipt receipt(Map<Peer, Future<Letter>> asked) {
        Map<Peer, Letter> answers = new LinkedHashMap<>();
        List<Peer> silent = new ArrayList<>();
        asked.forEach((peer, answer) -> {
            if (answer.succeeded()) {
                answers.put(peer, answer.result());
            } else if (present(peer.id())) {
                LOG.warn(
                        "{} did not answer: {}",
                        peer.name(),
                        String.valueOf(answer.cause().getMessage()));
                silent.add(peer);
            }
        });
        return new Receipt(answers, silent);
    }

    @Override
    public Future<Void> leave() {
        // Not on the caller's context: after an answer of another node that is the bus's own, which ends here before we
        // are done.
        Promise<Void> done = Promise.promise();
        left();
        leaving.countDown();
        Thread.ofPlatform().name("tollgate-cluster-leave").daemon().start(() -> {
            closeBus();
            stopMember();
            done.complete();
        });
        return done.future();
    }

    private void stopMember() {
        HazelcastInstance joined = member;
        member = null;
        if (joined != null) {
            try {
                joined.shutdown();
            } catch (RuntimeException e) {
                LOG.warn("This node did not leave the cluster in order: {}", e.toString());
            }
        }
    }
}
