package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator asks a running gateway: its page, its health, its spend, from a browser, curl and the command line. */
class ControlPlaneIT {
    private static final String KEY = "sk-operator-1";
    private static final String DEAD =
            "{model_name: %s, litellm_params: {model: openai/x, api_key: k, api_base: %s}}\n";

    @TempDir
    Path folder;

    private Tollgate.Ended ask(Tollgate running, String... flags) throws Exception {
        return new Tollgate.Setup(folder)
                .flags("--port", String.valueOf(running.port()))
                .flags(flags)
                .run();
    }

    @Test
    void withAKeyThePageLinksOnlyToWhatABrowserMaySee() throws Exception {
        try (Tollgate tollgate = new Tollgate.Setup(folder)
                .config("model_list: [{model_name: secret-name, litellm_params: {model: echo/x}}]\n")
                .env("LITELLM_MASTER_KEY", KEY)
                .env("SERVER_ROOT_PATH", "/llm")
                .start()) {
            Http browser = new Http(tollgate.url().replace("/llm", ""));
            String page = browser.get("/llm/").body();

            List<String> links = Pattern.compile("href=\"([^\"]+)\"")
                    .matcher(page)
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            assertThat(links).isNotEmpty().allMatch(link -> link.startsWith("/llm/"));
            for (String link : links) {
                assertThat(browser.get(link).statusCode()).as(link).isEqualTo(200);
            }
            assertThat(page)
                    .contains("Authorization: Bearer YOUR_KEY", "<code>/v1/models</code>", "<code>/metrics</code>")
                    .contains("curl " + tollgate.url() + "/v1/models")
                    .doesNotContain("secret-name", KEY);
        }
    }

    @Test
    void withoutAKeyThePageLinksToEverything() throws Exception {
        try (Tollgate tollgate = new Tollgate.Setup(folder)
                .file("config.yaml", "model_list: [{model_name: mine, litellm_params: {model: echo/x}}]\n")
                .start()) {
            assertThat(tollgate.lines()).contains("Reading ./config.yaml, since no --config is given");
            assertThat(new Http(tollgate.url()).get("/").body())
                    .contains("href=\"/spend/logs\"", "href=\"/metrics\"", "\"model\": \"mine\"")
                    .doesNotContain("YOUR_KEY");
        }
    }

    @Test
    void whatCannotBeReadIsRefusedWithFourHundred() throws Exception {
        try (Tollgate tollgate = new Tollgate.Setup(folder)
                .config("model_list: [{model_name: mine, litellm_params: {model: echo/x}}]\n")
                .start()) {
            Http http = new Http(tollgate.url());
            // A broken escape must reach the gateway as it is, which Java's URI would not let it.
            for (String path : List.of("/health?model=%zz", "/model/info?litellm_model_id=%zz", "/v1/models/%zz")) {
                assertThat(RawHttp.get(tollgate.port(), path))
                        .as(path)
                        .startsWith("HTTP/1.1 400 ")
                        .contains("\"type\":\"invalid_request_error\"", "\"code\":\"400\"");
            }
            var limit = http.get("/spend/logs?limit=zz");
            assertThat(limit.statusCode()).isEqualTo(400);
            assertThat(Http.errorMessage(limit)).contains("limit");

            assertThat(http.post("/v1/chat/completions", Http.chat("no-such-model"))
                            .statusCode())
                    .isEqualTo(400);
            JsonObject row = new JsonArray(http.get("/spend/logs").body()).getJsonObject(0);
            assertThat(row.getString("model")).isEqualTo("no-such-model");
        }
    }

    @Test
    void readinessTellsOfTheStoreAndServesWithoutIt() throws Exception {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/tollgate.db"), "this is no database, but long enough".repeat(40));
        try (Tollgate tollgate = new Tollgate.Setup(folder)
                .config("model_list: [{model_name: mine, litellm_params: {model: echo/x}}]\n")
                .start()) {
            Http http = new Http(tollgate.url());
            assertThat(http.post("/v1/chat/completions", Http.chat("mine")).statusCode())
                    .isEqualTo(200);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> http.get("/health/readiness").body(), body -> body.contains("\"Not connected\""));
            assertThat(http.get("/health/readiness").statusCode()).isEqualTo(200);

            Files.delete(folder.resolve("data/tollgate.db"));
            Awaitility.await()
                    .atMost(30, TimeUnit.SECONDS)
                    .until(() -> http.get("/health/readiness").body(), body -> body.contains("\"connected\""));
            assertThat(new JsonArray(http.get("/spend/logs").body())).hasSize(1);
        }
    }

    @Test
    void theCommandLineAsksForHealthAndSendsATest() throws Exception {
        String nowhere = "http://127.0.0.1:9/v1";
        try (Tollgate mixed = new Tollgate.Setup(folder)
                .config("model_list:\n  - {model_name: \"any/*\", litellm_params: {model: \"echo/*\"}}\n"
                        + "  - {model_name: good, litellm_params: {model: echo/x}}\n  - "
                        + DEAD.formatted("bad", nowhere)
                        + "general_settings: {master_key: " + KEY + "}\n")
                .env("TOLLGATE_DATA", "mixed")
                .start()) {
            assertThat(ask(mixed, "--health").exitCode()).as("one is healthy").isZero();
            var first = ask(mixed, "--test");
            assertThat(first.output()).contains("echo: this is a test request").doesNotContain("DEBUG");
            assertThat(first.exitCode()).isZero();
            assertThat(ask(mixed, "--test", "--model", "bad").exitCode()).isEqualTo(1);
        }
        try (Tollgate dead = new Tollgate.Setup(folder)
                .config("model_list:\n  - " + DEAD.formatted("bad", nowhere))
                .start()) {
            var health = ask(dead, "--health");
            assertThat(health.output()).contains("\"healthy_count\":0");
            assertThat(health.exitCode()).isEqualTo(1);
        }
    }
}
