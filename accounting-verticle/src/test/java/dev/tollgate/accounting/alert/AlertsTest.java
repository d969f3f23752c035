package dev.tollgate.accounting.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.config.AlertSettings;
import dev.tollgate.protocol.DeploymentNews;
import dev.tollgate.protocol.DeploymentNews.What;
import dev.tollgate.protocol.Secret;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private static DeploymentNews news(DeploymentNews.What what, String id) {
        return new DeploymentNews(what, id, "chat", "openai/gpt-4o", "http://up", "it broke", 5_000);
    }

    private List<String> said() {
        return received.stream()
                .filter(each -> each.getString("path").equals("/hook"))
                .map(each -> each.getString("event") + " " + each.getString("model_id"))
                .toList();
    }

    @Test
    void aDeploymentIsSaidToBeDownOnceAnHourAndOnceToBeUpAgain() {
        DeploymentAlerts deployments = new DeploymentAlerts(alerts);
        deployments.heard(news(What.RECOVERED, "a"));
        deployments.heard(news(What.COOLED, "a"));
        deployments.heard(news(What.COOLED, "a"));
        deployments.heard(news(What.OUTAGE, "a"));
        deployments.heard(news(What.RECOVERED, "a"));
        deployments.heard(news(What.RECOVERED, "a"));
        deployments.heard(news(What.COOLED, "a"));
        deployments.heard(news(What.RECOVERED, "a"));
        deployments.heard(news(What.SLOW, "b"));
        expect(10);
        assertThat(said())
                .containsExactlyInAnyOrder(
                        "cooldown_deployment a",
                        "outage a",
                        "deployment_recovered a",
                        "deployment_recovered a",
                        "llm_too_slow b");
        now = now.plus(Duration.ofHours(1));
        deployments.heard(news(What.COOLED, "a"));
        expect(12);
    }

    @Test
    void onlyTheTypesThatAreWantedLeaveTheLogAndSomeGoElsewhere() {
        String base = "http://127.0.0.1:" + server.actualPort();
        alerts.configured(new AlertSettings(
                Secret.of(base + "/slack"),
                null,
                Duration.ofDays(1),
                Set.of("outage_alerts", "budget_alerts"),
                Duration.ofSeconds(1),
                Map.of("outage_alerts", List.of(Secret.of(base + "/one"), Secret.of(base + "/two")))));
        DeploymentAlerts deployments = new DeploymentAlerts(alerts);
        deployments.heard(news(What.COOLED, "a"));
        deployments.heard(news(What.OUTAGE, "a"));
        alerts.raise(alert("anna"));
        expect(3);
        assertThat(received)
                .extracting(each -> each.getString("path"))
                .containsExactlyInAnyOrder("/one", "/two", "/slack");
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
