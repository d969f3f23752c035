package dev.tollgate.accounting.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.config.AlertSettings;
import dev.tollgate.protocol.Secret;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlertsTest {
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<JsonObject> received = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private final HttpServer server = vertx.createHttpServer()
            .requestHandler(request -> request.body().onSuccess(body -> {
                received.add(body.toJsonObject().put("path", request.path()));
                request.response().setStatusCode(status).end("ok");
            }))
            .listen(0, "127.0.0.1")
            .await();
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private final Alerts alerts = new Alerts(vertx, metrics, () -> now);

    AlertsTest() {
        String base = "http://127.0.0.1:" + server.actualPort();
        alerts.configured(
                new AlertSettings(Secret.of(base + "/slack/T/secret"), Secret.of(base + "/hook"), Duration.ofDays(1)));
    }

    @AfterEach
    void end() {
        vertx.close().await();
    }

    private static Alert alert(String subject) {
        return new Alert("budget_crossed", subject, "Key=anna has spent its budget", new JsonObject().put("spend", 2));
    }

    private void expect(int many) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(received).hasSize(many));
    }

    @Test
    void eachPlaceIsToldInItsOwnShapeAndOnceADay() {
        alerts.raise(alert("anna"));
        alerts.raise(alert("anna"));
        expect(2);
        assertThat(received)
                .contains(new JsonObject()
                        .put("text", "Key=anna has spent its budget")
                        .put("path", "/slack/T/secret"))
                .contains(new JsonObject()
                        .put("spend", 2)
                        .put("event", "budget_crossed")
                        .put("event_message", "Key=anna has spent its budget")
                        .put("path", "/hook"));
        now = now.plus(Duration.ofHours(23));
        alerts.raise(alert("anna"));
        alerts.raise(alert("bob"));
        expect(4);
        now = now.plus(Duration.ofHours(1));
        alerts.raise(alert("anna"));
        expect(6);
    }

    @Test
    void whatIsNotTakenIsTriedOnceMoreAndCounted() {
        status = 500;
        alerts.raise(alert("anna"));
        expect(4);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(metrics.counter("tollgate_lost_alerts").count())
                                .isEqualTo(2));
    }
}
