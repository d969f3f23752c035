package dev.tollgate.accounting.alert;

import dev.tollgate.protocol.DeploymentNews;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes alerts of news about deployments, under LiteLLM's types. Each thing is said once an hour, and once that it is over. A node has
 * one; from any lane.
 */
public final class DeploymentAlerts {
    private static final Duration AGAIN = Duration.ofHours(1);
    private static final int MOST_REMEMBERED = 10_000;

    private final Alerts alerts;

    /** What was said to be down and is not yet said to be up. */
    private final Set<String> down = ConcurrentHashMap.newKeySet();

    /** Sends them here. */
    public DeploymentAlerts(Alerts alerts) {
        this.alerts = alerts;
    }

    /** Says what is new. */
    public void heard(DeploymentNews news) {
        switch (news.what()) {
            case COOLED ->
                went(
                        "cooldown_deployment",
                        "cooldown_deployment",
                        news.deploymentId(),
                        news,
                        "Deployment " + named(news) + " is left alone for " + news.millis() / 1000.0 + " s: "
                                + news.cause());
            case FAILING ->
                went(
                        "outage_alerts",
                        "deployment_failing",
                        news.deploymentId(),
                        news,
                        "Deployment " + named(news) + ", the only one of its group, keeps failing: " + news.cause());
            case OUTAGE ->
                went(
                        "outage_alerts",
                        "outage",
                        "group " + news.group(),
                        news,
                        "All deployments of " + news.group() + " are left alone; the last was " + named(news) + ": "
                                + news.cause());
            case RECOVERED -> {
                cameBack(
                        "group " + news.group(),
                        "outage_alerts",
                        news,
                        news.group() + " answers again, by " + named(news));
                cameBack(
                        news.deploymentId(),
                        "cooldown_deployment",
                        news,
                        "Deployment " + named(news) + " answers again");
            }
            case SLOW ->
                alerts.raise(alert(
                        "llm_too_slow",
                        "llm_too_slow",
                        news.deploymentId(),
                        news,
                        "Deployment " + named(news) + " took " + news.millis() / 1000.0 + " s to answer"));
        }
    }

    private void went(String type, String event, String subject, DeploymentNews news, String message) {
        if (alerts.raise(alert(type, event, subject, news, message))) {
            if (down.size() > MOST_REMEMBERED) {
                down.clear();
            }
            down.add(subject);
        }
    }

    /** Only who heard of the one needs to hear of the other. */
    private void cameBack(String subject, String type, DeploymentNews news, String message) {
        if (down.remove(subject)) {
            alerts.tell(alert(type, "deployment_recovered", subject, news, message));
        }
    }

    private static Alert alert(String type, String event, String subject, DeploymentNews news, String message) {
        return new Alert(
                event,
                subject,
                message,
                new JsonObject()
                        .put("event_group", "deployment")
                        .put("model_group", news.group())
                        .put("model", news.model())
                        .put("model_id", news.deploymentId())
                        .put("api_base", news.apiBase()),
                type,
                AGAIN);
    }

    private static String named(DeploymentNews news) {
        return news.group() + " (" + news.model() + " at " + news.apiBase() + ")";
    }
}
