package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are processes of their own, on 127.0.0.1. */
class ClusterIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = "sk-master-of-nodes";

    @TempDir
    Path folder;

    private Tollgate node(String name, int port, int join, String secret, String config) throws Exception {
        return Nodes.node(folder.resolve(name), port, join)
                .env("TOLLGATE_CLUSTER_SECRET", secret)
                .config(config)
                .start();
    }

    private static List<JsonObject> deployments(Tollgate node, String model) {
        try {
            HttpResponse<String> explained = new Http(node.url(), KEY).post("/route/explain", Http.chat(model));
            JsonArray deployments = new JsonObject(explained.body())
                    .getJsonArray("groups")
                    .getJsonObject(0)
                    .getJsonArray("deployments");
            return deployments.stream().map(JsonObject.class::cast).toList();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> cooling(Tollgate node) {
        return deployments(node, "bad").stream()
                .filter(each -> each.getString("verdict").equals("cooling"))
                .map(each -> each.getString("id"))
                .toList();
    }

    private static int inFlight(Tollgate node) {
        return deployments(node, "slow").getFirst().getInteger("in_flight");
    }

    @Test
    void nodesShareWhatTheyKnowOfDeploymentsAndMissOneThatIsGone() throws Exception {
        AtomicReference<Runnable> slow = new AtomicReference<>();
        try (Upstream upstream = Upstream.answering((asked, response, vertx) -> {
            String model = asked.body().getString("model");
            if (model.equals("slow")) {
                slow.set(() -> Scripts.openAi(model).answer(asked, response, vertx));
            } else {
                Scripts.failing(500, "broken").answer(asked, response, vertx);
            }
        })) {
            String config = """
                    model_list:
                      - {model_name: slow, litellm_params: {model: openai/slow, api_base: "%1$s/v1", api_key: k}}
                      - {model_name: bad, litellm_params: {model: openai/bad, api_base: "%1$s/v1", api_key: k}}
                      - {model_name: bad, litellm_params: {model: openai/bad2, api_base: "%1$s/v1", api_key: k}}
                    router_settings: {num_retries: 0, allowed_fails: 0, cooldown_time: 60}
                    general_settings: {master_key: %2$s}
                    """.formatted(upstream.url(), KEY);
            int port = Nodes.freePort();
            try (Tollgate first = node("first", port, 0, "s", config);
                    Tollgate second = node("second", Nodes.freePort(), port, "s", config)) {
                await().atMost(SOON).until(() -> Nodes.seenBy(first) == 2 && Nodes.seenBy(second) == 2);

                Http http = new Http(first.url(), KEY);
                assertThat(http.post("/v1/chat/completions", Http.chat("bad")).statusCode())
                        .isEqualTo(500);
                // One of two is left alone now, and the other node knows which.
                await().atMost(SOON).until(() -> cooling(first).size() == 1);
                await().atMost(SOON).until(() -> cooling(second).equals(cooling(first)));

                CompletableFuture<HttpResponse<String>> waiting = http.client()
                        .sendAsync(
                                http.posting("/v1/chat/completions", Http.chat("slow")),
                                HttpResponse.BodyHandlers.ofString());
                await().atMost(SOON).until(() -> inFlight(second) == 1);

                first.kill();
                await().atMost(SOON).until(() -> Nodes.seenBy(second) == 1 && inFlight(second) == 0);
                assertThat(waiting).failsWithin(SOON);
                assertThat(slow.get()).as("its upstream was asked").isNotNull();
            }
        }
    }

    @Test
    void aNodeThatLeavesInOrderIsGoneAtOnceAndOneWithAnotherSecretNeverComes() throws Exception {
        String config = """
                model_list:
                  - {model_name: echo, litellm_params: {model: echo/echo}}
                general_settings: {master_key: %s}
                """.formatted(KEY);
        int port = Nodes.freePort();
        try (Tollgate first = node("first", port, 0, "right", config)) {
            try (Tollgate second = node("second", Nodes.freePort(), port, "right", config)) {
                await().atMost(SOON).until(() -> Nodes.seenBy(first) == 2 && Nodes.seenBy(second) == 2);
                assertThat(Http.content(new Http(second.url(), KEY).post("/v1/chat/completions", Http.chat("echo"))))
                        .contains("Hi");
            }
            await().atMost(SOON).until(() -> Nodes.seenBy(first) == 1);
            try (Tollgate stranger = node("stranger", Nodes.freePort(), port, "wrong", config)) {
                await().atMost(SOON).until(() -> Nodes.readiness(stranger).statusCode() == 200);
                assertThat(Nodes.seenBy(stranger)).isEqualTo(1);
                assertThat(Nodes.seenBy(first)).isEqualTo(1);
                assertThat(String.join("\n", stranger.lines())).doesNotContain("wrong", "right", KEY);
            }
        }
    }
}
