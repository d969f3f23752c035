package dev.tollgate.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Keyring;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.MakingSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Probes are answered when the test lets them. */
class HealthRoundsTest {
    private final Vertx vertx = Vertx.vertx();
    private final Asked bus = new Asked();

    private static final class Asked implements Bus {
        final List<String> probed = new CopyOnWriteArrayList<>();
        final Map<String, Promise<Object>> open = new ConcurrentHashMap<>();
        final List<HealthRound> told = new CopyOnWriteArrayList<>();

        void answer(String id) {
            open.remove(id).complete(new ProbeResult(id, null));
        }

        @Override
        @SuppressWarnings("unchecked")
        public <Q, A> Future<A> ask(String address, Q question) {
            String id = ((Probe) question).deploymentId();
            probed.add(id);
            Promise<Object> later = Promise.promise();
            open.put(id, later);
            return later.future().map(result -> (A) result);
        }

        @Override
        public <Q, A> void answer(String address, Function<Q, Future<A>> handler) {}

        @Override
        public void send(String address, Object message) {
            if (message instanceof HealthRound round) {
                told.add(round);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public <M> MessageConsumer<M> receive(String address, Handler<M> handler) {
            return (MessageConsumer<M>) Proxy.newProxyInstance(
                    Asked.class.getClassLoader(),
                    new Class<?>[] {MessageConsumer.class},
                    (_, _, _) -> Future.succeededFuture());
        }
    }

    private static final class NoBoard implements LoadBoard {
        @Override
        public Load load(String deploymentId) {
            return new Load();
        }

        @Override
        public void cool(String deploymentId, long untilMillis) {}
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private static Deployment deployment(String id, @Nullable String mode) {
        return new Deployment(
                id,
                "m",
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "m",
                "http://127.0.0.1:1",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(),
                new Deployment.Info(mode, null, null, true, "{}"),
                null,
                null);
    }

    private static Snapshot snapshot(long epoch, Deployment... deployments) {
        return new Snapshot(
                epoch,
                "test",
                new ModelTable(List.of(deployments), Map.of(), Set.of()),
                RouterSettings.DEFAULT,
                new GeneralSettings(
                        null,
                        null,
                        1,
                        true,
                        false,
                        false,
                        null,
                        new GeneralSettings.HealthChecks(true, Duration.ofHours(1), false),
                        Duration.ofSeconds(10),
                        BudgetSettings.DEFAULT,
                        MakingSettings.NONE,
                        Duration.ofSeconds(20),
                        null),
                List.of());
    }

    private Lane lane(Snapshot snapshot, Peers peers, Bus own) {
        Node node = new Node(
                vertx,
                1,
                Path.of("unused"),
                new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                new Keyring(),
                peers,
                new ModelShelf(),
                0);
        return new Lane(node, 0, own, new NoBoard(), snapshot);
    }

    private Lane lane(Snapshot snapshot) {
        Node node = new Node(
                vertx,
                1,
                Path.of("unused"),
                new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                0);
        return new Lane(node, 0, bus, new NoBoard(), snapshot);
    }

    @Test
    void aReloadNeverStartsARoundBesideTheOneUnderWay() {
        Deployment a = deployment("a", null);
        Deployment b = deployment("b", null);
        Lane lane = lane(snapshot(1, a));
        HealthRounds rounds = new HealthRounds(lane);
        assertThat(rounds.last()).isNull();
        assertThat(bus.probed).containsExactly("a");

        lane.switchTo(snapshot(2, a));
        lane.switchTo(snapshot(3, a, b));
        lane.switchTo(snapshot(4, b));
        assertThat(bus.probed).as("the first round is under way").containsExactly("a");

        bus.answer("a");
        assertThat(bus.probed).as("then what is configured now").containsExactly("a", "b");
        assertThat(bus.told).as("nobody wants the first round's results").isEmpty();
        bus.answer("b");
        assertThat(bus.told).isNotEmpty();

        lane.switchTo(snapshot(5, b));
        assertThat(bus.probed).as("nothing new to ask").hasSize(2);
        lane.switchTo(snapshot(6, a, b));
        assertThat(bus.probed).as("something new").hasSize(4);
    }

    @Test
    void whatIsNoModelForTextOrEmbeddingsIsNotAsked() {
        List<Deployment> all = new ArrayList<>();
        for (String mode : List.of(
                "chat",
                "completion",
                "embedding",
                "image_generation",
                "audio_speech",
                "audio_transcription",
                "rerank")) {
            all.add(deployment(mode, mode));
        }
        all.add(deployment("unsaid", null));
        new HealthRounds(lane(snapshot(1, all.toArray(Deployment[]::new))));
        assertThat(bus.probed).containsExactly("chat", "completion", "embedding", "unsaid");
    }

    @Test
    void theOldestNodeAsksForAllAndTheNextWhenItIsGone() {
        Mesh mesh = new Mesh();
        Asked second = new Asked();
        Mesh.Member oldest = mesh.join("a");
        Mesh.Member other = mesh.join("b");
        new HealthRounds(lane(snapshot(1, deployment("d", null)), oldest, bus));
        new HealthRounds(lane(snapshot(1, deployment("d", null)), other, second));
        assertThat(bus.probed).containsExactly("d");
        assertThat(second.probed).isEmpty();

        Failure failure = Failure.upstream(FailureKind.RATE_LIMIT, 429, "openai", "slow down");
        bus.open.remove("d").complete(new ProbeResult("d", failure));
        await().atMost(Duration.ofSeconds(10)).until(() -> !second.told.isEmpty());
        assertThat(second.told.getFirst()).isEqualTo(bus.told.getFirst());
        assertThat(second.told.getFirst().results()).containsExactly(new ProbeResult("d", failure));
        assertThat(second.probed).isEmpty();

        mesh.leave("a");
        await().atMost(Duration.ofSeconds(10)).until(() -> second.probed.equals(List.of("d")));
    }
}
