package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A developer's laptop: keys in a {@code .env} file, no key to call, or no file at all. */
class DeveloperIT {
    private static final String CONFIG = """
            model_list:
              - model_name: gpt-4o-mini
                litellm_params:
                  model: openai/gpt-4o-mini
                  api_key: os.environ/OPENAI_API_KEY
              - model_name: llama-3.3-70b
                litellm_params:
                  model: groq/llama-3.3-70b-versatile
                  api_key: os.environ/GROQ_API_KEY
            """;

    @TempDir
    Path folder;

    @Test
    void keysFromAnEnvFileAndNoKeyToCall() throws Exception {
        try (Upstream openAi = Upstream.answering(Scripts.openAi("OpenAI"));
                Upstream groq = Upstream.answering(Scripts.openAi("Groq"));
                Tollgate tollgate = new Tollgate.Setup(folder)
                        .file(".env", """
                                # keys
                                OPENAI_API_KEY=sk-from-file
                                export GROQ_API_KEY="gsk-from-file"
                                OPENAI_API_BASE=%s/v1
                                GROQ_API_BASE=%s/openai/v1
                                """.formatted(openAi.url(), groq.url()))
                        .config(CONFIG)
                        .flags("--host", "127.0.0.1")
                        .start()) {
            Http http = new Http(tollgate.url());

            assertThat(Http.content(http.post("/v1/chat/completions", Http.chat("gpt-4o-mini"))))
                    .isEqualTo("Hello from OpenAI");
            assertThat(Http.content(http.post("/chat/completions", Http.chat("llama-3.3-70b"))))
                    .isEqualTo("Hello from Groq");

            assertThat(openAi.last().headers().get("authorization")).isEqualTo("Bearer sk-from-file");
            assertThat(groq.last().headers().get("authorization")).isEqualTo("Bearer gsk-from-file");
            tollgate.awaitLine("No key is set");
        }
    }

    @Test
    void theRealEnvironmentWinsOverTheFile() throws Exception {
        try (Upstream openAi = Upstream.answering(Scripts.openAi("OpenAI"));
                Tollgate tollgate = new Tollgate.Setup(folder)
                        .file(".env", "OPENAI_API_KEY=sk-from-file\nGROQ_API_KEY=x\n")
                        .config(CONFIG)
                        .env("OPENAI_API_KEY", "sk-real")
                        .env("OPENAI_BASE_URL", openAi.url() + "/v1")
                        .start()) {
            new Http(tollgate.url()).post("/v1/chat/completions", Http.chat("gpt-4o-mini"));

            assertThat(openAi.last().headers().get("authorization")).isEqualTo("Bearer sk-real");
        }
    }

    @Test
    void withNothingAtAllItFindsWhatThereIs() throws Exception {
        try (Upstream ollama = Upstream.answering((asked, response, vertx) -> {
                    if (asked.path().equals("/api/tags")) {
                        response.end("{\"models\":[{\"name\":\"llama3.1:8b\",\"model\":\"llama3.1:8b\"}]}");
                    } else {
                        Scripts.ollama().answer(asked, response, vertx);
                    }
                });
                Tollgate tollgate = new Tollgate.Setup(folder)
                        .env("OLLAMA_API_BASE", ollama.url())
                        .start()) {
            Http http = new Http(tollgate.url());

            assertThat(tollgate.lines()).anyMatch(line -> line.startsWith("No --config given. Models found: "));
            assertThat(tollgate.lines()).anyMatch(line -> line.startsWith("Try:  curl " + tollgate.url()));
            assertThat(http.get("/v1/models").body()).contains("llama3.1:8b").contains("echo");
            assertThat(Http.content(http.post("/v1/chat/completions", Http.chat("echo"))))
                    .isEqualTo("echo: Hi");
            String local = new JsonObject(http.get("/v1/models").body())
                    .getJsonArray("data").stream()
                            .map(model -> ((JsonObject) model).getString("id"))
                            .filter(name -> name.contains("llama3.1"))
                            .findFirst()
                            .orElseThrow();
            assertThat(Http.content(http.post("/v1/chat/completions", Http.chat(local))))
                    .isEqualTo("Hello from Ollama");
        }
    }

    @Test
    void everyCallIsWrittenDownWithItsCost() throws Exception {
        try (Upstream openAi = Upstream.answering(Scripts.openAi("OpenAI"))) {
            String id;
            try (Tollgate tollgate = started(openAi)) {
                var answer = new Http(tollgate.url()).post("/v1/chat/completions", Http.chat("gpt-4o-mini"));
                id = answer.headers().firstValue("x-litellm-call-id").orElseThrow();
                // 12 × $0.15 and 5 × $0.60 a million.
                assertThat(answer.headers().firstValue("x-litellm-response-cost"))
                        .contains("0.0000048");
            }
            // Whatever was answered before the stop is there after the start.
            try (Tollgate again = started(openAi)) {
                JsonObject row = new JsonArray(new Http(again.url())
                                .get("/spend/logs?request_id=" + id)
                                .body())
                        .getJsonObject(0);
                assertThat(row.getString("request_id")).isEqualTo(id);
                assertThat(row.getDouble("spend")).isEqualTo(0.0000048);
                assertThat(row.getInteger("total_tokens")).isEqualTo(17);
            }
        }
    }

    private Tollgate started(Upstream openAi) throws Exception {
        return new Tollgate.Setup(folder)
                .config(CONFIG)
                .env("OPENAI_API_KEY", "sk-real")
                .env("GROQ_API_KEY", "x")
                .env("OPENAI_BASE_URL", openAi.url() + "/v1")
                .start();
    }

    @Test
    void whatACallCostSurvivesAKill() throws Exception {
        try (Upstream openAi = Upstream.answering(Scripts.openAi("OpenAI"))) {
            String id;
            try (Tollgate tollgate = started(openAi)) {
                var answer = new Http(tollgate.url()).post("/v1/chat/completions", Http.chat("gpt-4o-mini"));
                id = answer.headers().firstValue("x-litellm-call-id").orElseThrow();
                tollgate.kill();
            }
            try (Tollgate again = started(openAi)) {
                assertThat(new Http(again.url())
                                .get("/spend/logs?request_id=" + id)
                                .body())
                        .contains(id)
                        .contains("\"total_tokens\":17");
            }
        }
        assertThat(Files.exists(folder.resolve("data"))).isTrue();
    }
}
