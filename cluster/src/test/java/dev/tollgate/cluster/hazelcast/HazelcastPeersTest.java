package dev.tollgate.cluster.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.protocol.Secret;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HazelcastPeersTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final long LONGEST_SECONDS = 120;

    private final List<HazelcastPeers> started = new ArrayList<>();

    @AfterEach
    void leaves() throws Exception {
        List<Future<Void>> leaving = new ArrayList<>();
        started.forEach(each -> leaving.add(each.leave()));
        Future.join(leaving).await(LONGEST_SECONDS, TimeUnit.SECONDS);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClusterSettings settings(String secret, List<ClusterSettings> others) {
        return new ClusterSettings(
                others.stream().map(each -> "127.0.0.1:" + each.port()).toList(),
                null,
                "127.0.0.1",
                freePort(),
                freePort(),
                Secret.of(secret));
    }

    private HazelcastPeers started(ClusterSettings settings, Set<Role> roles) {
        HazelcastPeers peers = new HazelcastPeers(settings, roles, "test");
        peers.start();
        started.add(peers);
        return peers;
    }

    private HazelcastPeers started(ClusterSettings settings) {
        return started(settings, EnumSet.allOf(Role.class));
    }

    /** Waits for what a change of the membership brings about. */
    private static void until(Peers peers, BooleanSupplier condition) throws InterruptedException {
        CountDownLatch happened = new CountDownLatch(1);
        Runnable look = () -> {
            if (condition.getAsBoolean()) {
                happened.countDown();
            }
        };
        peers.onChange(look);
        look.run();
        boolean soon = happened.await(LONGEST_SECONDS, TimeUnit.SECONDS);
        assertThat(soon).as("it is %s and sees %s", peers.state(), peers.all()).isTrue();
    }

    private static Letter letter(String topic, String text) {
        return new Letter(topic, new JsonObject().put("text", text), Buffer.buffer(text));
    }

    @Test
    void nodesMeetAndTellEachOther() throws Exception {
        ClusterSettings first = settings("s", List.of());
        ClusterSettings second = settings("s", List.of(first));
        ClusterSettings third = settings("s", List.of(first, second));
        HazelcastPeers a = started(first);
        until(a, () -> a.state() == Peers.State.JOINED);
        HazelcastPeers b = started(second, Set.of(Role.PROVIDER));
        HazelcastPeers c = started(third);
        for (HazelcastPeers each : List.of(a, b, c)) {
            until(each, () -> each.state() == Peers.State.JOINED && each.all().size() == 3);
        }
        assertThat(a.all()).extracting(Peer::id).containsExactlyInAnyOrder(a.self(), b.self(), c.self());
        assertThat(a.all().getFirst().id()).isEqualTo(a.self());
        assertThat(c.all())
                .filteredOn(each -> each.id().equals(b.self()))
                .first()
                .satisfies(peer -> assertThat(peer.roles()).containsExactly(Role.PROVIDER));

        b.receive(
                "echo",
                letter -> Future.succeededFuture(
                        letter("", letter.members().getString("text") + " " + letter.bytes() + "!")));
        Letter answer = a.ask(b.self(), letter("echo", "hello"), SOON).await(60, TimeUnit.SECONDS);
        assertThat(answer.members().getString("text")).isEqualTo("hello hello!");
        assertThat(answer.bytes()).hasToString("hello hello!");

        c.receive("echo", _ -> Future.failedFuture("not today"));
        Receipt receipt = a.announce(letter("echo", "all"), SOON).await(60, TimeUnit.SECONDS);
        assertThat(receipt.answers().keySet()).extracting(Peer::id).containsExactly(b.self());
        assertThat(receipt.silent()).extracting(Peer::id).containsExactly(c.self());
        assertThatThrownBy(() -> a.ask(c.self(), letter("echo", "x"), SOON).await(60, TimeUnit.SECONDS))
                .hasMessageContaining("not today");

        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(500);
        c.receive("count", letter -> {
            told.add(letter.members().getString("text"));
            all.countDown();
            return Future.succeededFuture(Letter.done());
        });
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            sent.add("n" + i);
            b.tell(c.self(), letter("count", "n" + i));
        }
        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(told).containsExactlyElementsOf(sent);

        b.leave().await(LONGEST_SECONDS, TimeUnit.SECONDS);
        until(a, () -> a.all().size() == 2);
        assertThat(b.state()).isEqualTo(Peers.State.LEFT);
        assertThatThrownBy(() -> a.ask(b.self(), letter("echo", "x"), SOON).await(60, TimeUnit.SECONDS))
                .hasMessageContaining("does not answer");
    }

    @Test
    void aNodeWithAnotherSecretStaysOutside() throws Exception {
        ClusterSettings first = settings("right", List.of());
        HazelcastPeers a = started(first);
        until(a, () -> a.state() == Peers.State.JOINED);
        HazelcastPeers b = started(settings("wrong", List.of(first)));
        until(b, () -> b.state() == Peers.State.JOINED);
        assertThat(b.all()).hasSize(1);
        assertThat(a.all()).hasSize(1);
    }

    @Test
    void whoAsksOnAContextGetsTheAnswerThere() throws Exception {
        ClusterSettings first = settings("s", List.of());
        HazelcastPeers a = started(first);
        until(a, () -> a.state() == Peers.State.JOINED);
        HazelcastPeers b = started(settings("s", List.of(first)));
        until(a, () -> a.all().size() == 2);
        b.receive("echo", Future::succeededFuture);
        Vertx vertx = Vertx.vertx();
        try {
            Promise<Boolean> same = Promise.promise();
            vertx.runOnContext(_ -> {
                Thread asking = Thread.currentThread();
                a.ask(b.self(), letter("echo", "x"), Duration.ofSeconds(20))
                        .map(_ -> Thread.currentThread().equals(asking))
                        .onComplete(same);
            });
            assertThat(same.future().await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            vertx.close().await(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aNodeHasLeftAlsoWhenItLeavesOnTheAnswerOfAnother() throws Exception {
        ClusterSettings first = settings("s", List.of());
        HazelcastPeers a = started(first);
        until(a, () -> a.state() == Peers.State.JOINED);
        HazelcastPeers b = started(settings("s", List.of(first)));
        until(b, () -> b.all().size() == 2);
        a.receive("echo", Future::succeededFuture);
        // Asked from no context, the answer comes on the bus's own, which ends with the bus.
        Promise<Void> left = Promise.promise();
        b.ask(a.self(), letter("echo", "x"), Duration.ofSeconds(LONGEST_SECONDS))
                .transform(_ -> b.leave())
                .onComplete(left);
        left.future().await(LONGEST_SECONDS, TimeUnit.SECONDS);
        assertThat(b.state()).isEqualTo(Peers.State.LEFT);
        until(a, () -> a.all().size() == 1);
    }

    private static HazelcastInstance member(HazelcastPeers node) {
        return Hazelcast.getAllHazelcastInstances().stream()
                .filter(each ->
                        node.self().equals(each.getCluster().getLocalMember().getAttribute("tollgate.node")))
                .findFirst()
                .orElseThrow();
    }

    private static String busId(HazelcastInstance member) {
        return member.getConfig().getMemberAttributeConfig().getAttribute("__vertx.nodeId");
    }

    @Test
    void aMemberThatEndsByItselfJoinsAgainUnderItsName() throws Exception {
        ClusterSettings first = settings("s", List.of());
        HazelcastPeers a = started(first);
        until(a, () -> a.state() == Peers.State.JOINED);
        HazelcastPeers b = started(settings("s", List.of(first)));
        until(b, () -> b.state() == Peers.State.JOINED && a.all().size() == 2);
        CountDownLatch lost = new CountDownLatch(1);
        // The other may never see it gone: it comes back soon.
        b.onChange(() -> {
            if (b.state() == Peers.State.JOINING) {
                lost.countDown();
            }
        });
        HazelcastInstance before = member(b);
        String busBefore = busId(before);
        before.getLifecycleService().terminate();
        assertThat(lost.await(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        until(b, () -> b.state() == Peers.State.JOINED && b.all().size() == 2);
        assertThat(busId(member(b)))
                .as("another one: when the first is missed later, what the bus knows of the second must stay")
                .isNotEqualTo(busBefore);
        b.receive("echo", Future::succeededFuture);
        // It may still be about to see the first one go.
        await().atMost(Duration.ofSeconds(LONGEST_SECONDS))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(a.ask(b.self(), letter("echo", "again"), Duration.ofSeconds(20))
                                .await(30, TimeUnit.SECONDS)
                                .bytes())
                        .hasToString("again"));
    }

    @Test
    void aMemberWhoseBusIsNotOpenYetIsOneButIsNotAmongThoseThatListen() throws Exception {
        ClusterSettings first = settings("s", List.of());
        HazelcastPeers a = started(first);
        until(a, () -> a.state() == Peers.State.JOINED);
        ClusterSettings late = settings("s", List.of(first));
        ClusterSecret secret = new ClusterSecret(late.secret());
        Config config = MemberConfig.of(late, secret, EnumSet.allOf(Role.class), "test");
        config.getMemberAttributeConfig().setAttribute("__vertx.nodeId", "late");
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        try {
            until(a, () -> a.all().size() == 2);
            assertThat(a.listening()).extracting(Peer::id).containsExactly(a.self());
            HazelcastPeers b = started(settings("s", List.of(first, late)));
            until(b, () -> b.state() == Peers.State.JOINED && b.all().size() == 3);
            assertThat(b.listening())
                    .as("who was there before counts at once")
                    .extracting(Peer::id)
                    .containsExactlyInAnyOrder(a.self(), b.self(), "late");
            until(a, () -> a.listening().size() == 2);

            NodeBus bus = NodeBus.open(
                    member, "late", late, new NodeCertificate(secret), _ -> Future.failedFuture("it knows of nothing"));
            try {
                until(a, () -> a.listening().size() == 3);
            } finally {
                bus.close();
            }
        } finally {
            member.shutdown();
        }
    }
}
