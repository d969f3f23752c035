package dev.tollgate.cluster.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.protocol.Secret;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeBusTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final long LONGEST_SECONDS = 120;
    private static final Letter LETTER = new Letter("question", new JsonObject());

    private final CountDownLatch heard = new CountDownLatch(1);
    private HazelcastInstance member;
    private NodeBus bus;

    @BeforeEach
    void open() throws IOException {
        ClusterSettings settings =
                new ClusterSettings(List.of(), null, "127.0.0.1", freePort(), freePort(), Secret.of("s"));
        ClusterSecret secret = new ClusterSecret(settings.secret());
        Config config = MemberConfig.of(settings, secret, EnumSet.allOf(Role.class), "test");
        config.getMemberAttributeConfig().setAttribute("__vertx.nodeId", "a");
        member = Hazelcast.newHazelcastInstance(config);
        bus = NodeBus.open(member, "a", settings, new NodeCertificate(secret), _ -> {
            heard.countDown();
            return Promise.<Letter>promise().future();
        });
    }

    @AfterEach
    void close() {
        bus.close();
        member.shutdown();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void whoWaitsForAnAnswerWhenTheBusClosesHearsSo() throws Exception {
        Promise<Letter> heardButNotAnswered = Promise.promise();
        Promise<Letter> notHeard = Promise.promise();
        bus.ask("a", LETTER, LONG, () -> true, heardButNotAnswered);
        bus.ask("nobody", LETTER, LONG, () -> true, notHeard);
        assertThat(heard.await(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(heardButNotAnswered.future().isComplete()).isFalse();
        bus.close();
        assertThat(heardButNotAnswered.future().failed()).isTrue();
        assertThat(notHeard.future().failed()).isTrue();
    }

    @Test
    void whoAsksABusThatIsClosedHearsSo() {
        bus.close();
        Promise<Letter> answer = Promise.promise();
        bus.ask("a", LETTER, LONG, () -> true, answer);
        assertThat(answer.future().failed()).isTrue();
        bus.tell("a", LETTER, () -> true);
        assertThat(bus.bags()).isZero();
    }

    /** As when whoever writes still sees a node that has just gone. It would be asked what it understands, and nobody would answer. */
    @Test
    void nothingIsKeptOfANodeThatIsNotThere() throws Exception {
        CountDownLatch looked = new CountDownLatch(1);
        bus.tell("b", LETTER, () -> {
            try {
                return !looked.await(LONGEST_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(bus.bags()).isOne();
        looked.countDown();
        await().atMost(Duration.ofSeconds(LONGEST_SECONDS)).until(() -> bus.bags() == 0);
    }
}
