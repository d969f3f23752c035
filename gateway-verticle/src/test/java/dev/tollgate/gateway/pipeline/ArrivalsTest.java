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
import dev.tollgate.config.Snapshot;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.gateway.surface.ModelRoutes;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that come before the store has said which keys and models it has. */
class ArrivalsTest {
    private static final Authentication LOADING =
            new Authentication.Refused(Failure.of(FailureKind.OVERLOADED, "The keys are being loaded"));
    private static final Authentication BLOCKED =
            new Authentication.Refused(Failure.of(FailureKind.AUTHENTICATION, "Key is blocked"));

    private static final Snapshot PARTIAL = Snapshot.EMPTY.partial(true);
    private static final Duration LONG_THERE = Duration.ofDays(1);

    /** It began in a while, so that however slowly a test runs, its calls go on waiting. */
    private static final Duration JUST_COME = Duration.ofMinutes(-5);

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String BODY =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(20_000) + "\"}]}";

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What the router is asked, and whether all models were known then. */
    private final List<Boolean> routed = new CopyOnWriteArrayList<>();

    private final Keyring keyring = new Keyring();
    private final AtomicInteger asked = new AtomicInteger();
    private Lane lane;
    private volatile Context loop;
    private volatile Pipeline pipeline;
    private int port;

    /** On a node that has been there for so long. */
    private void listen(Duration age, Snapshot config) throws Exception {
        Node node = new Node(
                vertx,
                1,
                Path.of("unused"),
                new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                metrics,
                keyring,
                new NoPeers("", ""),
                new ModelShelf(),
                System.nanoTime() - age.toNanos());
        lane = new Lane(node, 0, new LocalBus(vertx, 0), new LocalLoadBoard(vertx, 0, new NodeLoads(1)), config);
        HttpServer server = vertx.createHttpServer();
        vertx.deployVerticle(context -> {
                    loop = context;
                    lane.bus().<Call, Answer>answer(Addresses.ROUTE, _ -> {
                        routed.add(lane.config().partial());
                        return Future.succeededFuture(
                                new Answer.Refused(Failure.of(FailureKind.BAD_REQUEST, "the router says no"), null));
                    });
                    lane.bus()
                            .<Settlement, Settled>answer(
                                    Addresses.SETTLE, _ -> Future.succeededFuture(new Settled(0, true)));
                    pipeline = new Pipeline(lane, new Meters(metrics));
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

    private CompletableFuture<HttpResponse<String>> call() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("Authorization", "Bearer sk-annas-key")
                .timeout(SOON)
                .POST(BodyPublishers.ofString(BODY))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString());
    }

    private void arrived() {
        loop.runOnContext(_ -> lane.switchTo(Snapshot.EMPTY));
    }

    @Test
    void aCallForAModelThatNobodyKnowsIsRoutedWhenTheStoresModelsAreThere() throws Exception {
        listen(JUST_COME, PARTIAL);
        var answer = call();
        await().atMost(SOON).until(() -> pipeline.unsettled() == 1);
        arrived();
        assertThat(answer.join().body()).contains("the router says no");
        assertThat(routed).containsExactly(false);
    }

    @Test
    void aCallWhoseClientLeavesMeanwhileIsNotMade() throws Exception {
        listen(JUST_COME, PARTIAL);
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream()
                    .write(("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: " + BODY.length()
                                    + "\r\n\r\n" + BODY)
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(SOON).until(() -> pipeline.unsettled() == 1);
        }
        await().atMost(SOON).until(() -> pipeline.unsettled() == 0);
        arrived();
        assertThat(call().join().body()).contains("the router says no");
        assertThat(routed).hasSize(1);
    }

    /** Known when it is asked for the third time, and then once more to go on with. */
    private HttpResponse<String> waited(Authentication then) {
        asked.set(0);
        keyring.anyKeys(() -> true);
        keyring.fill(_ -> asked.incrementAndGet() < 3 ? LOADING : then);
        HttpResponse<String> answer = call().join();
        assertThat(asked).hasValue(4);
        return answer;
    }

    @Test
    void aCallWaitsUntilItsKeyIsKnownAndIsThenReadWhole() throws Exception {
        listen(JUST_COME, Snapshot.EMPTY);
        assertThat(waited(BLOCKED).statusCode()).isEqualTo(401);
        assertThat(waited(new Authentication.Known(Caller.ofKey("hash", List.of())))
                        .body())
                .as("it came as far as accounting, which is not here")
                .contains("No node plays");
    }

    @Test
    void nobodyWaitsForLong() throws Exception {
        keyring.anyKeys(() -> true);
        keyring.fill(_ -> LOADING);
        listen(LONG_THERE, PARTIAL);
        assertThat(call().join().statusCode()).isEqualTo(503);
        keyring.fill(_ -> new Authentication.Known(Caller.ANYONE));
        assertThat(call().join().body()).as("of a model that nobody knows").contains("the router says no");
        assertThat(routed).containsExactly(true);
    }
}
