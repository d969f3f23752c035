package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Upstreams that refuse, reset, stall, and stop in the middle; clients that leave. */
class UpstreamTroubleIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    static Path folder;

    /** Less than the time limit of the model that is left, so that nothing but the client's leaving ends its work. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final AtomicBoolean ASKED = new AtomicBoolean();
    private static final AtomicBoolean LEFT = new AtomicBoolean();
    private static final AtomicInteger FLAKY_CALLS = new AtomicInteger();
    private static final AtomicReference<Runnable> WAITING = new AtomicReference<>();
    private static Upstream upstream;
    private static Tollgate tollgate;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering((asked, response, vertx) -> {
            JsonObject body = asked.body();
            String first = "data: " + Scripts.chunk(body, new JsonObject().put("content", "Hel"), null) + "\n\n";
            switch (body.getString("model")) {
                case "reset" -> response.reset();
                case "stall" -> {}
                case "patient" -> {
                    response.closeHandler(_ -> LEFT.set(true));
                    ASKED.set(true);
                }
                case "limited" -> {
                    response.putHeader("retry-after", "7");
                    Scripts.failing(429, "slow down").answer(asked, response, vertx);
                }
                case "broken" -> Scripts.failing(500, "boom").answer(asked, response, vertx);
                case "badkey" ->
                    Scripts.failing(401, "key sk-upstream-secret is wrong").answer(asked, response, vertx);
                case "badrequest" -> Scripts.failing(400, "no such parameter").answer(asked, response, vertx);
                case "toolong" ->
                    Scripts.failing(400, "This model's maximum context length is 8 tokens")
                            .answer(asked, response, vertx);
                case "html" -> response.setStatusCode(502).end("<html>Bad gateway</html>");
                case "notjson" -> response.end("hello");
                case "half" -> {
                    response.setChunked(true).write(first + "data: {\"id\":\"ch");
                    vertx.setTimer(50, _ -> response.reset());
                }
                case "quiet" -> response.setChunked(true).write(first);
                case "sayserror" -> {
                    response.setChunked(true).write(first);
                    WAITING.set(
                            () -> response.end(
                                    "data: {\"error\":{\"message\":\"went wrong\",\"type\":\"server_error\",\"code\":500}}\n\n"));
                }
                case "lingers" ->
                    response.setChunked(true)
                            .write(first + "data: " + Scripts.chunk(body, new JsonObject(), "stop")
                                    + "\n\ndata: [DONE]\n\n");
                case "endless" -> {
                    response.setChunked(true);
                    long timer = vertx.setPeriodic(20, _ -> response.write(first));
                    response.closeHandler(_ -> {
                        LEFT.set(true);
                        vertx.cancelTimer(timer);
                    });
                }
                case "flaky" -> {
                    if (FLAKY_CALLS.getAndIncrement() == 0) {
                        response.reset();
                    } else {
                        Scripts.openAi("Flaky").answer(asked, response, vertx);
                    }
                }
                default -> Scripts.openAi("OpenAI").answer(asked, response, vertx);
            }
        });
        tollgate = new Tollgate.Setup(folder)
                .config("""
                        model_list:
                          - model_name: refuses
                            litellm_params: {model: openai/refuses, api_base: "%s/v1", api_key: x}
                          - model_name: flaky
                            litellm_params: {model: openai/flaky, api_base: "%s/v1", api_key: x, num_retries: 2}
                          - model_name: patient
                            litellm_params: {model: openai/patient, api_base: "%s/v1", api_key: x, timeout: 600}
                          - model_name: endless
                            litellm_params: {model: openai/endless, api_base: "%s/v1", api_key: x, timeout: 600}
                          - model_name: "*"
                            litellm_params: {model: "openai/*", api_base: "%s/v1", api_key: x}
                        router_settings: {num_retries: 0, timeout: 2, disable_cooldowns: true}
                        """.formatted(
                                Upstream.nobody(), upstream.url(), upstream.url(), upstream.url(), upstream.url()))
                .start();
        http = new Http(tollgate.url());
    }

    @AfterAll
    static void stop() {
        tollgate.close();
        upstream.close();
    }

    @ParameterizedTest
    @CsvSource({
        "refuses, 500",
        "reset, 500",
        "stall, 408",
        "limited, 429",
        "broken, 500",
        "badkey, 401",
        "badrequest, 400",
        "toolong, 400",
        "html, 502",
        "notjson, 502"
    })
    void everyFailureIsAnErrorOfTheClientsOwnKind(String model, int status) throws Exception {
        for (String body : new String[] {Http.chat(model), Http.streamedChat(model)}) {
            if (model.equals("notjson") && body.contains("stream")) {
                continue;
            }
            HttpResponse<String> openAi = http.post("/v1/chat/completions", body);
            assertThat(openAi.statusCode()).as(openAi.body()).isEqualTo(status);
            JsonObject error = new JsonObject(openAi.body()).getJsonObject("error");
            assertThat(error.getString("message"))
                    .isNotBlank()
                    .doesNotContain("\tat ")
                    .doesNotContain("upstream-secret");
            assertThat(error.getString("code")).isEqualTo(String.valueOf(status));

            HttpResponse<String> anthropic = http.post("/v1/messages", body);
            assertThat(anthropic.statusCode()).as(anthropic.body()).isEqualTo(status);
            assertThat(new JsonObject(anthropic.body()).getString("type")).isEqualTo("error");
            assertThat(new JsonObject(anthropic.body()).getJsonObject("error").getString("type"))
                    .isNotBlank();
        }
    }

    @Test
    void theWaitThatTheUpstreamAsksForIsPassedOn() throws Exception {
        assertThat(http.post("/v1/chat/completions", Http.chat("limited"))
                        .headers()
                        .firstValue("retry-after"))
                .contains("7");
    }

    @ParameterizedTest
    @CsvSource({"half", "quiet"})
    void aStreamThatBreaksEndsWithAnErrorEvent(String model) throws Exception {
        String openAi =
                http.post("/v1/chat/completions", Http.streamedChat(model)).body();
        assertThat(openAi).contains("\"Hel\"").contains("data: {\"error\":{\"message\":");
        assertThat(openAi.lines().filter(line -> line.startsWith("data: {")))
                .allSatisfy(
                        line -> assertThat(new JsonObject(line.substring(6))).isNotNull());

        String anthropic = http.post("/v1/messages", Http.streamedChat(model)).body();
        assertThat(anthropic).contains("event: message_start").contains("event: error\ndata: {\"type\":\"error\"");
        assertThat(anthropic).doesNotContain("message_stop");
    }

    @Test
    void anErrorInsideTheStreamReachesTheClientAfterWhatCameBefore() throws Exception {
        HttpResponse<InputStream> stream = http.client()
                .send(
                        http.posting("/v1/chat/completions", Http.streamedChat("sayserror")),
                        HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = stream.body()) {
            assertThat(body.readNBytes(5)).asString().isEqualTo("data:");
            WAITING.get().run();
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("\"Hel\"")
                    .contains("data: {\"error\":{\"message\":")
                    .contains("went wrong");
        }
    }

    @Test
    void anUpstreamThatDoesNotHangUpAfterItsLastWordIsNotWaitedFor() throws Exception {
        String body =
                http.post("/v1/chat/completions", Http.streamedChat("lingers")).body();

        assertThat(body).contains("\"Hel\"").doesNotContain("error").endsWith("data: [DONE]\n\n");
    }

    @Test
    void aClientThatLeavesAStreamEndsTheUpstreamsWork() throws Exception {
        LEFT.set(false);
        HttpResponse<InputStream> stream = http.client()
                .send(
                        http.posting("/v1/chat/completions", Http.streamedChat("endless")),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.body().readNBytes(5)).asString().isEqualTo("data:");
        stream.body().close();

        await().atMost(PATIENCE).until(LEFT::get);
    }

    @Test
    void aClientThatLeavesBeforeAWholeAnswerEndsTheUpstreamsWork() throws Exception {
        LEFT.set(false);
        ASKED.set(false);
        String body = Http.chat("patient");
        try (Socket client = new Socket("127.0.0.1", URI.create(tollgate.url()).getPort())) {
            client.getOutputStream()
                    .write(
                            ("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                            + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                                    .getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE).until(ASKED::get);
            assertThat(LEFT).isFalse();
        }

        await().atMost(PATIENCE).until(LEFT::get);
    }

    @Test
    void aSecondAttemptHelps() throws Exception {
        HttpResponse<String> answer = http.post("/v1/chat/completions", Http.chat("flaky"));

        assertThat(Http.content(answer)).isEqualTo("Hello from Flaky");
        assertThat(answer.headers().firstValue("x-litellm-attempted-retries")).contains("1");
    }

    @Test
    void everyFailureLeavesALogLine() throws Exception {
        http.post("/v1/chat/completions", Http.chat("broken"));

        await().atMost(SOON)
                .until(() ->
                        tollgate.lines().stream().anyMatch(line -> line.contains("broken") && line.contains("boom")));
        assertThat(tollgate.lines()).noneMatch(line -> line.startsWith("\tat "));
    }
}
