package dev.tollgate.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.Keyring;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.gateway.surface.ModelRoutes;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls to an open gateway that does not know its keys yet. */
class KeyWaitTest {
    private static final Authentication LOADING =
            new Authentication.Refused(Failure.of(FailureKind.OVERLOADED, "The keys are being loaded"));
    private static final Authentication BLOCKED =
            new Authentication.Refused(Failure.of(FailureKind.AUTHENTICATION, "Key is blocked"));

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Keyring keyring = new Keyring();
    private final AtomicInteger asked = new AtomicInteger();
    private int port;

    @BeforeEach
    void listen() throws Exception {
        keyring.anyKeys(() -> true);
        HttpServer server = vertx.createHttpServer();
        vertx.deployVerticle(context -> {
                    Pipeline pipeline = new Pipeline(lane(), new Meters(metrics()));
                    server.requestHandler(
                            request -> pipeline.serve(request, new ModelRoutes.Route(Surface.CHAT, null)));
                    return server.listen(0, "127.0.0.1");
                })
                .await(30, TimeUnit.SECONDS);
        port = server.actualPort();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private static PrometheusMeterRegistry metrics() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    private Lane lane() {
        Node node = new Node(
                vertx,
                1,
                Path.of("unused"),
                new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                metrics(),
                keyring,
                new NoPeers("", ""),
                new ModelShelf(),
                0);
        Snapshot snapshot =
                new Snapshot(1, "test", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0, new NodeLoads(1));
        return new Lane(node, 0, new LocalBus(vertx, 0), board, snapshot);
    }

    private CompletableFuture<HttpResponse<String>> call() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("Authorization", "Bearer sk-annas-key")
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "x".repeat(20_000) + "\"}]}"))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString());
    }

    /** Known when it is asked for the third time. A machine may stand still for longer than a call waits, so it may be another call's. */
    private HttpResponse<String> waited(Authentication then) {
        keyring.fill(_ -> asked.incrementAndGet() < 3 ? LOADING : then);
        return await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            asked.set(0);
                            return call().get(60, TimeUnit.SECONDS);
                        },
                        answer -> asked.get() == 3);
    }

    @Test
    void aCallWaitsUntilItsKeyIsKnownAndIsThenReadWhole() {
        assertThat(waited(BLOCKED).statusCode()).isEqualTo(401);
        assertThat(waited(new Authentication.Known(anna())).body())
                .as("it came as far as the roles, which are not here")
                .contains("No node plays");
    }

    private static Caller anna() {
        return Caller.ofKey("hash", List.of());
    }

    @Test
    void nobodyWaitsForLong() {
        keyring.fill(_ -> LOADING);
        var answer = call();
        await().atMost(Duration.ofSeconds(60)).until(answer::isDone);
        assertThat(answer.join().statusCode()).isEqualTo(503);
    }
}
