package dev.tollgate.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final String BODY = "x".repeat(200_000);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile int knownAt;
    private volatile Duration longest = Duration.ofMinutes(5);
    private int port;

    @BeforeEach
    void listen() throws Exception {
        Patience patience = new Patience(vertx);
        Router router = Router.router(vertx);
        BodyHandler body = BodyHandler.create(false);
        router.post()
                .handler(context -> patience.until(
                        context, longest, () -> looks.incrementAndGet() >= knownAt, () -> body.handle(context)));
        router.post()
                .handler(context ->
                        context.end(looks.get() + " looks, " + context.body().length() + " bytes"));
        HttpServer server = vertx.createHttpServer().requestHandler(router);
        server.listen(0, "127.0.0.1").await(30, TimeUnit.SECONDS);
        port = server.actualPort();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private String asked() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString(BODY))
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    @Test
    void aRequestWaitsUntilItCanBeAnsweredAndIsThenReadWhole() throws Exception {
        knownAt = 3;
        assertThat(asked()).endsWith(" looks, 200000 bytes").startsWith("3");
        assertThat(asked()).as("nothing to wait for").startsWith("4 looks");
    }

    @Test
    void nobodyWaitsForLong() throws Exception {
        knownAt = Integer.MAX_VALUE;
        longest = Duration.ofMillis(200);
        assertThat(asked()).endsWith(" looks, 200000 bytes");
        looks.set(0);
        longest = Duration.ZERO;
        assertThat(asked()).as("the node has been there for a while").startsWith("1 looks");
    }
}
