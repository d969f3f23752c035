package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets of providers, and people who are told of failing deployments. An answer takes 17 tokens. */
class CapsIT {
    private static final String MASTER = "sk-master-of-the-gate";

    @TempDir
    Path folder;

    private final Upstream good = Upstream.answering(Scripts.openAi("good"));
    private final Upstream bad = Upstream.answering(Scripts.failing(500, "out of order"));
    private final Upstream silent = Upstream.answering((_, _, _) -> {});
    private final Upstream desk = Upstream.answering((_, response, _) -> response.end("ok"));

    @AfterEach
    void end() {
        for (Upstream each : List.of(good, bad, silent, desk)) {
            each.close();
        }
    }

    private static JsonObject body(HttpResponse<String> response) {
        return new JsonObject(response.body());
    }

    private Tollgate start() throws InterruptedException {
        return new Tollgate.Setup(folder)
                .env("WEBHOOK_URL", desk.url() + "/hook")
                .config("""
                        model_list:
                          - model_name: capped
                            litellm_params: {model: openai/m, api_base: "%1$s/v1", api_key: k, order: 1, input_cost_per_token: 0.001, output_cost_per_token: 0.001}
                            model_info: {id: first}
                          - model_name: capped
                            litellm_params: {model: groq/m, api_base: "%1$s/v1", api_key: k, order: 2}
                            model_info: {id: second}
                          - model_name: alone
                            litellm_params: {model: openai/m, api_base: "%1$s/v1", api_key: k, input_cost_per_token: 0.001, output_cost_per_token: 0.001}
                            model_info: {id: alone}
                          - model_name: failing
                            litellm_params: {model: groq/m, api_base: "%2$s/v1", api_key: k}
                            model_info: {id: broken}
                          - model_name: failing
                            litellm_params: {model: mistral/m, api_base: "%2$s/v1", api_key: k}
                            model_info: {id: broken-too}
                          - model_name: silent
                            litellm_params: {model: groq/m, api_base: "%3$s/v1", api_key: k, timeout: 0.5, input_cost_per_token: 0.001, output_cost_per_token: 0.001}
                        router_settings:
                          num_retries: 0
                          allowed_fails: 0
                          provider_budget_config:
                            openai: {budget_limit: 1, time_period: 30d}
                        general_settings:
                          master_key: %4$s
                          alerting: [webhook]
                        """.formatted(good.url(), bad.url(), silent.url(), MASTER))
                .start();
    }

    private static String chat(String model) {
        return new JsonObject(Http.chat(model)).put("max_tokens", 2).encode();
    }

    private static BigDecimal spent(Http admin) throws IOException, InterruptedException {
        JsonObject openai =
                body(admin.get("/provider/budgets")).getJsonObject("providers").getJsonObject("openai");
        assertThat(openai.getString("time_period")).isEqualTo("30d");
        assertThat(openai.getString("budget_reset_at")).endsWith("-01T00:00:00Z");
        return new BigDecimal(openai.getValue("spend").toString());
    }

    @Test
    void aProviderSpendsItsBudgetAndNoMoreAndOthersTakeOver() throws Exception {
        BigDecimal before;
        try (Tollgate gate = start()) {
            Http admin = new Http(gate.url(), MASTER);
            HttpResponse<String> last;
            int calls = 0;
            do {
                last = admin.post("/v1/chat/completions", chat("alone"));
                calls++;
            } while (last.statusCode() == 200 && calls < 300);
            assertThat(last.statusCode()).as(last.body()).isEqualTo(429);
            assertThat(body(last).getJsonObject("error").getString("message"))
                    .startsWith("No deployments available - crossed budget: ")
                    .contains("provider openai");
            assertThat(last.headers().firstValue("retry-after")).isPresent();
            before = spent(admin);
            assertThat(before).isGreaterThan(new BigDecimal("0.7")).isLessThanOrEqualTo(BigDecimal.ONE);
            HttpResponse<String> other = admin.post("/v1/chat/completions", chat("capped"));
            assertThat(other.statusCode()).as(other.body()).isEqualTo(200);
            assertThat(other.headers().firstValue("x-litellm-model-id")).contains("second");
            assertThat(admin.get("/metrics").body())
                    .contains("litellm_provider_remaining_budget_metric{api_provider=\"openai\"}");
            String key = body(admin.post("/key/generate", "{\"aliases\": {\"mine\": \"capped\"}}"))
                    .getString("key");
            Http anna = new Http(gate.url(), key);
            assertThat(anna.get("/provider/budgets").statusCode()).isEqualTo(403);
            assertThat(anna.get("/metrics").statusCode()).isEqualTo(403);
            assertThat(anna.post("/route/explain", chat("mine")).body()).contains("\"group\":\"capped\"");
            assertThat(anna.post("/v1/messages/count_tokens", chat("mine")).statusCode())
                    .isEqualTo(200);
        }
        try (Tollgate gate = start()) {
            Http admin = new Http(gate.url(), MASTER);
            assertThat(spent(admin)).as("after a restart").isEqualByComparingTo(before);
            assertThat(admin.post("/v1/chat/completions", chat("alone")).statusCode())
                    .isEqualTo(429);
        }
    }

    @Test
    void peopleAreToldOfFailingDeploymentsAndATimeoutIsPaidFor() throws Exception {
        try (Tollgate gate = start()) {
            Http admin = new Http(gate.url(), MASTER);
            for (int i = 0; i < 8; i++) {
                assertThat(admin.post("/v1/chat/completions", chat("failing")).statusCode())
                        .isGreaterThanOrEqualTo(400);
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(desk.asked())
                            .extracting(asked -> asked.body().getString("event"))
                            .containsExactlyInAnyOrder("cooldown_deployment", "cooldown_deployment", "outage"));
            assertThat(desk.asked())
                    .allSatisfy(asked ->
                            assertThat(asked.body().getString("model_group")).isEqualTo("failing"));

            HttpResponse<String> late = admin.post("/v1/chat/completions", chat("silent"));
            assertThat(late.statusCode()).as(late.body()).isEqualTo(408);
            JsonObject row = new JsonArray(admin.get("/spend/logs?request_id="
                                    + late.headers()
                                            .firstValue("x-litellm-call-id")
                                            .orElseThrow())
                            .body())
                    .getJsonObject(0);
            assertThat(row.getDouble("spend")).as(row.encode()).isPositive();
            assertThat(row.encode()).contains("\"usage_reported\":false");
            assertThat(late.headers().firstValue("x-litellm-response-cost"))
                    .map(BigDecimal::new)
                    .hasValueSatisfying(cost -> assertThat(cost)
                            .isEqualByComparingTo(
                                    new BigDecimal(row.getValue("spend").toString())));
        }
    }
}
