package dev.tollgate.accounting.alert;

import dev.tollgate.config.AlertSettings;
import dev.tollgate.protocol.Secret;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.circuitbreaker.CircuitBreaker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends alerts to the log, and to Slack and a webhook where they are set up; each once a day, or as often as it says itself. From any thread. Nobody waits for it: an
 * address that does not answer is tried again once, then left alone for a minute; what could not be sent is counted and logged.
 */
public final class Alerts {
    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int MOST_REMEMBERED = 10_000;

    private final WebClient client;
    private final CircuitBreaker slack;
    private final CircuitBreaker webhook;
    private final Counter lost;
    private final InstantSource clock;
    private final Map<String, Instant> said = new ConcurrentHashMap<>();
    private volatile AlertSettings settings = AlertSettings.DEFAULT;

    /** Sends by this Vert.x. */
    public Alerts(Vertx vertx, MeterRegistry metrics, InstantSource clock) {
        this.client = WebClient.create(
                vertx, new WebClientOptions().setConnectTimeout(TIMEOUT_MILLIS).setFollowRedirects(false));
        this.slack = breaker(vertx, "slack");
        this.webhook = breaker(vertx, "webhook");
        this.lost = metrics.counter("tollgate_lost_alerts");
        this.clock = clock;
    }

    private static CircuitBreaker breaker(Vertx vertx, String name) {
        return CircuitBreaker.create(
                "tollgate-alerts-" + name,
                vertx,
                new CircuitBreakerOptions()
                        .setMaxFailures(3)
                        .setMaxRetries(1)
                        .setTimeout(2L * TIMEOUT_MILLIS)
                        .setResetTimeout(60_000));
    }

    /** Other addresses from now on. */
    public void configured(AlertSettings next) {
        settings = next;
    }

    /** Sends it, unless it was said a short while ago; answers whether it was news. */
    public boolean raise(Alert alert) {
        boolean news = isNews(alert, settings);
        if (news) {
            tell(alert);
        }
        return news;
    }

    /** The same, but it is answered when every place has taken it, or was given up. Never fails. */
    public Future<Boolean> send(Alert alert) {
        return isNews(alert, settings) ? tell(alert).map(true) : Future.succeededFuture(false);
    }

    /** Sends it, whatever was said before; completes when every place has taken it, or was given up. */
    Future<Void> tell(Alert alert) {
        AlertSettings now = settings;
        LOG.warn("Alert {}: {}", alert.event(), alert.message());
        List<Future<Integer>> places = new ArrayList<>();
        if (now.sends(alert.type())) {
            for (Secret place : now.slack(alert.type())) {
                places.add(sent("Slack", slack, place, new JsonObject().put("text", alert.message())));
            }
            if (now.webhook() != null) {
                JsonObject body =
                        alert.fields().copy().put("event", alert.event()).put("event_message", alert.message());
                places.add(sent("the webhook", webhook, now.webhook(), body));
            }
        }
        return Future.join(places).transform(_ -> Future.succeededFuture());
    }

    private boolean isNews(Alert alert, AlertSettings now) {
        if (said.size() > MOST_REMEMBERED) {
            said.clear();
        }
        Instant time = clock.instant();
        Duration again = alert.again() == null ? now.again() : alert.again();
        String name = alert.event() + '\n' + alert.subject();
        boolean[] news = new boolean[1];
        said.compute(name, (_, before) -> {
            news[0] = before == null || !time.isBefore(before.plus(again));
            return news[0] ? time : before;
        });
        return news[0];
    }

    /** The address holds a secret, so that no message quotes it. */
    private Future<Integer> sent(String to, CircuitBreaker breaker, Secret url, JsonObject body) {
        return breaker.<Integer>execute(() -> client.postAbs(url.reveal())
                        .timeout(TIMEOUT_MILLIS)
                        .sendJsonObject(body)
                        .compose(Alerts::taken))
                .onFailure(cause -> {
                    lost.increment();
                    LOG.error(
                            "An alert could not be sent to {}: {}",
                            to,
                            cause instanceof Declined
                                    ? cause.getMessage()
                                    : cause.getClass().getSimpleName());
                });
    }

    private static Future<Integer> taken(HttpResponse<?> response) {
        return response.statusCode() < 300
                ? Future.succeededFuture(response.statusCode())
                : Future.failedFuture(new Declined(response.statusCode()));
    }

    /** The other side answered that it does not take the alert. */
    private static final class Declined extends RuntimeException {
        private static final long serialVersionUID = 1;

        Declined(int status) {
            super("it answered " + status, null, false, false);
        }
    }
}
