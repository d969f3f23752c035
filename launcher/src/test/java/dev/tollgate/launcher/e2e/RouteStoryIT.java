package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call through three failing deployments and a fallback tells its whole story everywhere a person would look. */
class RouteStoryIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String KEY = "sk-master-of-the-story";

    @TempDir
    Path folder;

    private static final String CONFIG = """
            model_list:
              - {model_name: main, litellm_params: {model: openai/down1, api_base: "%1$s/v1", api_key: sk-provider-key}}
              - {model_name: main, litellm_params: {model: openai/down2, api_base: "%1$s/v1", api_key: sk-provider-key}}
              - {model_name: main, litellm_params: {model: openai/down3, api_base: "%1$s/v1", api_key: sk-provider-key}}
              - {model_name: spare, litellm_params: {model: openai/good, api_base: "%1$s/v1", api_key: sk-provider-key}}
            router_settings: {num_retries: 2, allowed_fails: 0, cooldown_time: 60, fallbacks: [{main: [spare]}]}
            general_settings: {master_key: sk-master-of-the-story}
            """;

    private static JsonObject explained(Http http) throws Exception {
        HttpResponse<String> answer = http.post("/route/explain", Http.chat("main"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("sk-provider-key", KEY);
        return new JsonObject(answer.body());
    }

    private static List<JsonObject> deployments(JsonObject explained, int group) {
        JsonArray all = explained.getJsonArray("groups").getJsonObject(group).getJsonArray("deployments");
        return all.stream().map(JsonObject.class::cast).toList();
    }

    @Test
    void threeFailuresAndAFallbackAreToldByExplainHeaderLogAndSpendRow() throws Exception {
        try (Upstream upstream = Upstream.answering((asked, response, vertx) -> {
                    String model = asked.body().getString("model");
                    (model.startsWith("down") ? Scripts.failing(500, "broken " + model) : Scripts.openAi(model))
                            .answer(asked, response, vertx);
                });
                Tollgate tollgate = new Tollgate.Setup(folder)
                        .env("NUM_WORKERS", "1")
                        .config(CONFIG.formatted(upstream.url()))
                        .start()) {
            Http http = new Http(tollgate.url(), KEY);
            assertThat(new Http(tollgate.url())
                            .post("/route/explain", Http.chat("main"))
                            .statusCode())
                    .isEqualTo(401);
            for (JsonObject each : deployments(explained(http), 0)) {
                assertThat(each.getString("verdict")).isEqualTo("candidate");
                assertThat(each.getDouble("chance")).isCloseTo(1 / 3.0, within(1e-9));
            }

            HttpResponse<String> answer = http.post("/v1/chat/completions", Http.chat("main"));

            assertThat(Http.content(answer)).isEqualTo("Hello from good");
            String story = answer.headers().firstValue("x-tollgate-route").orElse("");
            assertThat(story).matches("(main/[0-9a-f]{8}=500:UPSTREAM_ERROR > ){3}spare/[0-9a-f]{8}=200");
            await().atMost(SOON)
                    .until(() -> tollgate.lines().stream()
                            .anyMatch(line -> line.contains("took 4 attempts")
                                    && line.contains("openai/down1")
                                    && line.contains("openai/down2")
                                    && line.contains("openai/down3")
                                    && line.contains("openai/good, by only")));
            String id = answer.headers().firstValue("x-litellm-call-id").orElse("");
            await().atMost(SOON).untilAsserted(() -> {
                JsonArray rows =
                        new JsonArray(http.get("/spend/logs?request_id=" + id).body());
                assertThat(rows).hasSize(1);
                assertThat(rows.getJsonObject(0).getJsonObject("metadata").getString("route"))
                        .isEqualTo(story);
            });

            JsonObject after = explained(http);
            assertThat(deployments(after, 0)).hasSize(3).allSatisfy(each -> {
                assertThat(each.getString("verdict")).isEqualTo("cooling");
                assertThat(each.getDouble("cooling_seconds")).isBetween(1.0, 60.0);
                assertThat(each.getString("cooling_until")).isNotEmpty();
                assertThat(each.getLong("requests_this_minute")).isLessThanOrEqualTo(1);
            });
            JsonObject main = after.getJsonArray("groups").getJsonObject(0);
            assertThat(main.getJsonObject("refusal").getInteger("status")).isEqualTo(429);
            assertThat(main.getString("resolved_by")).isEqualTo("exact");
            assertThat(after.getJsonArray("groups").getJsonObject(1).getString("reached_by"))
                    .isEqualTo("a failure of main");
            assertThat(deployments(after, 1).getFirst().getDouble("chance")).isEqualTo(1);

            Tollgate.Ended told = new Tollgate.Setup(folder)
                    .flags("explain", "main", "--url", tollgate.url(), "--key", KEY)
                    .run();
            assertThat(told.exitCode()).as(told.output()).isZero();
            assertThat(told.output()).contains("\"verdict\" : \"cooling\"").doesNotContain("sk-provider-key");
        }
    }
}
