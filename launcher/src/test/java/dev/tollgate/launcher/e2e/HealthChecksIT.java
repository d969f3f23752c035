package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health checks in the background: one lane makes them for all, {@code /health} tells what they found, and routing heeds it. */
class HealthChecksIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final Set<String> ill = ConcurrentHashMap.newKeySet();

    private static int unhealthy(Http http) throws Exception {
        return new JsonObject(http.get("/health").body()).getInteger("unhealthy_count", -1);
    }

    @Test
    void anUnhealthyDeploymentIsAvoidedUntilItIsWellAgain() throws Exception {
        ill.add("b");
        try (Upstream upstream = Upstream.answering((asked, response, vertx) -> {
                    String model = asked.body().getString("model");
                    (ill.contains(model) ? Scripts.failing(503, "down") : Scripts.openAi(model))
                            .answer(asked, response, vertx);
                });
                Tollgate tollgate = new Tollgate.Setup(folder)
                        .env("NUM_WORKERS", "2")
                        .config("""
                            model_list:
                              - model_name: chat
                                litellm_params: {model: openai/a, api_base: "%1$s/v1", api_key: x}
                              - model_name: chat
                                litellm_params: {model: openai/b, api_base: "%1$s/v1", api_key: x}
                              - model_name: left-out
                                litellm_params: {model: openai/c, api_base: "%1$s/v1", api_key: x}
                                model_info: {disable_background_health_check: true}
                            general_settings: {background_health_checks: true, health_check_interval: 1, enable_health_check_routing: true}
                            router_settings: {num_retries: 0, disable_cooldowns: true}
                            """.formatted(upstream.url()))
                        .start()) {
            Http http = new Http(tollgate.url());
            await().atMost(SOON).until(() -> unhealthy(http) == 1);
            for (int i = 0; i < 30; i++) {
                assertThat(http.post("/v1/chat/completions", Http.chat("chat")).statusCode())
                        .isEqualTo(200);
            }
            long probes = upstream.asked().stream()
                    .filter(asked -> asked.body().getString("model").equals("b"))
                    .count();
            for (int i = 0; i < 10; i++) {
                unhealthy(http);
            }
            assertThat(upstream.asked().stream()
                            .filter(asked -> asked.body().getString("model").equals("b")))
                    .as("asking for /health asks nobody else")
                    .hasSizeLessThan((int) probes + 10);

            ill.clear();
            await().atMost(SOON).until(() -> unhealthy(http) == 0);
            await().atMost(SOON)
                    .until(() -> Http.content(http.post("/v1/chat/completions", Http.chat("chat")))
                            .endsWith("b"));
            assertThat(upstream.asked())
                    .noneMatch(asked -> asked.body().getString("model").equals("c"));
        }
    }
}
