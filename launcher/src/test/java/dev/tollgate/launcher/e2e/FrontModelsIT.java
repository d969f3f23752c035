package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of the admin API where clients reach a node that must not hold their keys. */
class FrontModelsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String MASTER = "sk-master-of-models";
    private static final String FIRST_KEY = "sk-Qfirst-key-of-the-model-86420";
    private static final String SECOND_KEY = "sk-Wsecond-key-of-the-model-97531";

    @TempDir
    Path folder;

    private Upstream upstream;
    private int port;

    @BeforeEach
    void open() throws Exception {
        upstream = Upstream.answering(Scripts.openAi("afar"));
        port = Nodes.lastingPort();
    }

    @AfterEach
    void close() {
        upstream.close();
    }

    private Tollgate.Setup node(String name, int own, int join) throws Exception {
        return Nodes.node(folder.resolve(name), own, join)
                .env("TOLLGATE_CLUSTER_SECRET", "hush")
                .config("general_settings: {master_key: os.environ/MASTER, store_model_in_db: true}\n");
    }

    private Tollgate front() throws Exception {
        return node("front", port, 0)
                .env("MASTER", MASTER)
                .env("TOLLGATE_ROLES", "gateway,router,accounting")
                .start();
    }

    private Tollgate provider(String name) throws Exception {
        return node(name, Nodes.freePort(), port)
                .env("LITELLM_SALT_KEY", "salt-of-provider-nodes")
                .flags("--roles", "provider")
                .start();
    }

    private static JsonObject ok(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-tollgate-unreached-nodes")).isEmpty();
        assertThat(response.body()).doesNotContain(FIRST_KEY, SECOND_KEY);
        return new JsonObject(response.body());
    }

    private static JsonObject patched(Tollgate front, JsonObject params) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(front.url() + "/model/m-1/update"))
                .timeout(SOON)
                .header("authorization", "Bearer " + MASTER)
                .header("content-type", "application/json")
                .method(
                        "PATCH",
                        HttpRequest.BodyPublishers.ofString(
                                new JsonObject().put("litellm_params", params).encode()))
                .build();
        return ok(new Http(front.url()).client().send(request, HttpResponse.BodyHandlers.ofString()));
    }

    private String model() {
        return new JsonObject()
                .put("model_name", "late")
                .put(
                        "litellm_params",
                        new JsonObject()
                                .put("model", "openai/gpt")
                                .put("api_base", upstream.url() + "/v1")
                                .put("api_key", FIRST_KEY)
                                .put("extra_headers", new JsonObject().put("x-also-secret", FIRST_KEY)))
                .put("model_info", new JsonObject().put("id", "m-1"))
                .encode();
    }

    private void answers(Http http, String key) throws Exception {
        assertThat(Http.content(http.post("/v1/chat/completions", Http.chat("late"))))
                .isEqualTo("Hello from afar");
        assertThat(upstream.last().headers().get("authorization")).isEqualTo("Bearer " + key);
        assertThat(upstream.last().headers().get("x-also-secret")).isEqualTo(FIRST_KEY);
    }

    private static void ready(Tollgate front, int nodes) {
        await().atMost(SOON).until(() -> Nodes.seenBy(front) == nodes);
    }

    @Test
    void aFrontServesModelsOfTheAdminApiThatOnlyProviderNodesCanOpen() throws Exception {
        JsonObject made;
        try (Tollgate front = front()) {
            Http http = new Http(front.url(), MASTER);
            await().atMost(SOON)
                    .until(() -> http.get("/health/readiness").body().contains("joined"));
            HttpResponse<String> alone = http.post("/model/new", model());
            assertThat(alone.statusCode()).isEqualTo(400);
            assertThat(Http.errorMessage(alone)).contains("no node that plays the provider role answers");
            try (Tollgate first = provider("first")) {
                ready(front, 2);
                made = ok(http.post("/model/new", model()));
                assertThat(http.get("/v1/models").body()).contains("\"late\"");
                answers(http, FIRST_KEY);
                HttpResponse<String> streamed = http.post("/v1/chat/completions", Http.streamedChat("late"));
                assertThat(streamed.body()).contains("Hello", " afar").endsWith("data: [DONE]\n\n");

                // What was shown comes back as it was, and is no change.
                JsonObject params = made.getJsonObject("litellm_params");
                assertThat(params.getString("api_key")).isEqualTo("sk****20");
                patched(front, params.copy().put("rpm", 1_000_000));
                answers(http, FIRST_KEY);
                patched(front, new JsonObject().put("api_key", SECOND_KEY));
                answers(http, SECOND_KEY);
                String unknown = model().replace("m-1", "m-2").replace(FIRST_KEY, "os.environ/NOT_SET");
                assertThat(Http.errorMessage(http.post("/model/new", unknown)))
                        .as("only there can it be said")
                        .contains("`os.environ/` needs a master key here");
                assertThat(first.lines()).noneMatch(line -> line.contains(SECOND_KEY));
            }
        }
        notWritten();

        try (Tollgate front = front();
                Tollgate second = provider("second")) {
            Http http = new Http(front.url(), MASTER);
            ready(front, 2);
            // The models wait until that node has opened them.
            await().atMost(SOON)
                    .until(() ->
                            http.post("/v1/chat/completions", Http.chat("late")).statusCode() == 200);
            answers(http, SECOND_KEY);
            assertThat(Heap.has(folder, second, SECOND_KEY.substring(3)))
                    .as("there it must be")
                    .isTrue();
            assertThat(Heap.has(folder, front, SECOND_KEY.substring(3))).isFalse();
            assertThat(Heap.has(folder, front, FIRST_KEY.substring(3))).isFalse();
            ok(http.post("/model/delete", "{\"id\": \"m-1\"}"));
            HttpResponse<String> gone = http.post("/v1/chat/completions", Http.chat("late"));
            assertThat(gone.statusCode()).as(gone.body()).isEqualTo(400);
        }
    }

    private void notWritten() throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(FIRST_KEY, SECOND_KEY);
            }
        }
    }
}
