package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the router learns from a stream's end, through the whole program. One lane, so that one router sees every call. */
class StreamRoutingIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    static Path folder;

    private static Upstream upstream;
    private static Tollgate tollgate;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering((asked, response, vertx) -> {
            JsonObject body = asked.body();
            if (!body.getBoolean("stream", false)) {
                Scripts.openAi(body.getString("model")).answer(asked, response, vertx);
                return;
            }
            String first = "data: " + Scripts.chunk(body, new JsonObject().put("content", "Hel"), null) + "\n\n";
            response.setChunked(true).write(first);
            if (body.getString("model").startsWith("half")) {
                vertx.setTimer(50, _ -> response.reset());
            }
        });
        tollgate = new Tollgate.Setup(folder)
                .env("NUM_WORKERS", "1")
                .config("""
                        model_list:
                          - model_name: busy
                            litellm_params: {model: openai/one, api_base: "%1$s/v1", api_key: x}
                          - model_name: busy
                            litellm_params: {model: openai/two, api_base: "%1$s/v1", api_key: x}
                          - model_name: breaks
                            litellm_params: {model: openai/half1, api_base: "%1$s/v1", api_key: x}
                          - model_name: breaks
                            litellm_params: {model: openai/half2, api_base: "%1$s/v1", api_key: x}
                        router_settings: {routing_strategy: least-busy, num_retries: 0, allowed_fails: 0, cooldown_time: 60}
                        """.formatted(upstream.url()))
                .start();
        http = new Http(tollgate.url());
    }

    @AfterAll
    static void stop() {
        tollgate.close();
        upstream.close();
    }

    private static Set<String> twenty() throws Exception {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            texts.add(Http.content(http.post("/v1/chat/completions", Http.chat("busy"))));
        }
        return texts;
    }

    @Test
    void aStreamKeepsItsDeploymentBusyUntilTheClientLeaves() throws Exception {
        HttpResponse<InputStream> stream = http.client()
                .send(
                        http.posting("/v1/chat/completions", Http.streamedChat("busy")),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.body().readNBytes(5)).asString().isEqualTo("data:");
        assertThat(twenty()).hasSize(1);
        stream.body().close();
        await().atMost(SOON).until(() -> twenty().size() == 2);
    }

    @Test
    void aBreakInTheMiddleCoolsTheDeployment() throws Exception {
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> broken = http.post("/v1/chat/completions", Http.streamedChat("breaks"));
            assertThat(broken.body()).contains("\"error\"");
        }
        HttpResponse<String> none = http.post("/v1/chat/completions", Http.chat("breaks"));
        assertThat(none.statusCode()).isEqualTo(429);
        assertThat(Http.errorMessage(none)).contains("cooldown");
    }
}
