package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model's life in the admin API. Every change holds on every lane once it is answered. */
class ModelsIT {
    private static final String MASTER = "sk-master-of-all";
    private static final String SECRET = "sk-of-the-provider-0123456789";
    private static final String CONFIG = """
            model_list:
              - {model_name: filed, litellm_params: {model: echo/x}, model_info: {id: filed-1}}
            router_settings: {model_group_alias: {nick: late}}
            general_settings: {master_key: %s, store_model_in_db: true}
            """.formatted(MASTER);
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Tollgate.Setup setup() {
        return new Tollgate.Setup(folder)
                .config(CONFIG)
                .env("LITELLM_SALT_KEY", "salt-of-this-test")
                .flags("--num_workers", "3");
    }

    private static JsonObject ok(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).doesNotContain(SECRET);
        return new JsonObject(response.body());
    }

    /** On connections of their own, so that every lane is likely to be asked. */
    private static void expect(Tollgate tollgate, String model, int status) throws Exception {
        for (int i = 0; i < 6; i++) {
            HttpResponse<String> answer = chat(tollgate, MASTER, model);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        }
    }

    private static HttpResponse<String> chat(Tollgate tollgate, String key, String model) throws Exception {
        return new Http(tollgate.url(), key).post("/v1/chat/completions", Http.chat(model));
    }

    private static HttpResponse<String> send(Tollgate tollgate, String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(tollgate.url() + path))
                .timeout(SOON)
                .header("authorization", "Bearer " + MASTER)
                .header("content-type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return new Http(tollgate.url()).client().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String model(String id, String base) {
        return new JsonObject()
                .put("model_name", "late")
                .put(
                        "litellm_params",
                        new JsonObject()
                                .put("model", "openai/gpt-4o")
                                .put("api_base", base)
                                .put("litellm_credential_name", "theirs"))
                .put("model_info", new JsonObject("{\"access_groups\": [\"inner\"]}").put("id", id))
                .encode();
    }

    private void assertNotWritten(String secret) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(secret);
            }
        }
    }

    private static void blockedForAWhile(Tollgate tollgate, Http admin) throws Exception {
        assertThat(ok(admin.post("/model/block", "{\"model_id\": \"late-1\"}")).getBoolean("blocked"))
                .isTrue();
        expect(tollgate, "late", 400);
        ok(admin.post("/model/unblock", "{\"model_id\": \"late-1\"}"));
        expect(tollgate, "late", 200);
    }

    /** Beside the gateway, which goes on using the store. */
    private void explainedFromTheStore() throws InterruptedException {
        Tollgate.Ended told = new Tollgate.Setup(folder)
                .env("LITELLM_SALT_KEY", "salt-of-this-test")
                .flags("explain", "nick")
                .run();
        assertThat(told.exitCode()).as(told.output()).isZero();
        assertThat(told.output()).contains("late-1").doesNotContain(SECRET, "Left out");
        Tollgate.Ended closed = new Tollgate.Setup(folder)
                .env("LITELLM_SALT_KEY", "another")
                .flags("explain", "late")
                .run();
        assertThat(closed.exitCode()).as(closed.output()).isEqualTo(1);
        assertThat(closed.output())
                .contains("Left out of what the admin API made: the model `late` (late-1)", "sealed with another key");
    }

    @Test
    void aModelIsMadeChangedKeptOverARestartAndEnded() throws Exception {
        try (Upstream one = Upstream.answering(Scripts.openAi("one"));
                Upstream two = Upstream.answering(Scripts.openAi("two"))) {
            try (Tollgate tollgate = setup().start()) {
                Http admin = new Http(tollgate.url(), MASTER);
                await().atMost(SOON).until(() -> chat(tollgate, MASTER, "late").statusCode() == 400);
                ok(admin.post(
                        "/credentials",
                        "{\"credential_name\": \"theirs\", \"credential_values\": {\"api_key\": \"" + SECRET + "\"}}"));
                JsonObject made = ok(admin.post("/model/new", model("late-1", one.url() + "/v1")));
                assertThat(made.getString("model_id")).isEqualTo("late-1");
                expect(tollgate, "late", 200);
                expect(tollgate, "nick", 200);
                assertThat(one.last().headers().get("authorization")).isEqualTo("Bearer " + SECRET);
                shown(admin);
                accessGroup(tollgate, admin);

                ok(admin.post(
                        "/model/update",
                        "{\"model_info\": {\"id\": \"late-1\"}, \"litellm_params\": {\"api_base\": \"" + two.url()
                                + "/v1\"}}"));
                int before = one.asked().size();
                expect(tollgate, "late", 200);
                assertThat(one.asked()).hasSize(before);
                assertThat(two.asked()).hasSize(6);
                blockedForAWhile(tollgate, admin);
                explainedFromTheStore();

                replace(CONFIG.replace("model_name: filed", "model_name: renamed"));
                await().atMost(SOON)
                        .until(() -> chat(tollgate, MASTER, "renamed").statusCode() == 200);
                expect(tollgate, "late", 200);
                assertThat(String.join("\n", tollgate.lines())).doesNotContain(SECRET);
            }
            assertNotWritten(SECRET);
            try (Tollgate tollgate = setup().start()) {
                Http admin = new Http(tollgate.url(), MASTER);
                HttpResponse<String> early = chat(tollgate, MASTER, "late");
                assertThat(early.statusCode()).as(early.body()).isIn(200, 503);
                await().atMost(SOON).until(() -> chat(tollgate, MASTER, "late").statusCode() == 200);
                ok(admin.post("/model/delete", "{\"id\": \"late-1\"}"));
                expect(tollgate, "late", 400);
                ok(send(tollgate, "DELETE", "/credentials/theirs", ""));
                assertThat(admin.get("/credentials/by_name/theirs").statusCode())
                        .isEqualTo(404);
                expect(tollgate, "filed", 200);
            }
        }
    }

    private static void shown(Http admin) throws Exception {
        JsonObject info = ok(admin.get("/v1/model/info?litellm_model_id=late-1"))
                .getJsonArray("data")
                .getJsonObject(0);
        assertThat(info.getJsonObject("model_info").getBoolean("db_model")).isTrue();
        assertThat(info.getJsonObject("model_info").getString("created_at")).isNotEmpty();
        assertThat(ok(admin.get("/model/info?litellm_model_id=filed-1")).encode())
                .contains("\"db_model\":false");
        JsonObject page = ok(admin.get("/v2/model/info?search=LATE&size=1"));
        assertThat(page.getInteger("total_count")).isEqualTo(1);
        assertThat(page.getInteger("total_pages")).isEqualTo(1);
        assertThat(admin.get("/v2/model/info?page=0").statusCode()).isEqualTo(400);
        JsonObject group = ok(admin.get("/model_group/info?model_group=late"))
                .getJsonArray("data")
                .getJsonObject(0);
        assertThat(group.getJsonArray("providers").encode()).isEqualTo("[\"openai\"]");
        assertThat(group.getDouble("input_cost_per_token")).isPositive();
        assertThat(group.getBoolean("supports_vision")).isTrue();
        assertThat(ok(admin.get("/credentials")).encode()).contains("\"api_key\":\"sk****89\"");
        assertThat(ok(admin.get("/credentials/by_model/late-1")).encode()).contains("\"sk****89\"");
        assertThat(ok(admin.get("/v1/models")).encode()).contains("\"late\"");
    }

    private static void accessGroup(Tollgate tollgate, Http admin) throws Exception {
        String key =
                ok(admin.post("/key/generate", "{\"models\": [\"inner\"]}")).getString("key");
        assertThat(chat(tollgate, key, "late").statusCode()).isEqualTo(200);
        assertThat(chat(tollgate, key, "filed").statusCode()).isEqualTo(403);
        Http hers = new Http(tollgate.url(), key);
        assertThat(hers.post("/model/new", model("x", "http://127.0.0.1:1")).statusCode())
                .isEqualTo(403);
        assertThat(hers.get("/credentials").statusCode()).isEqualTo(403);
    }

    private void replace(String yaml) throws IOException {
        Path fresh = Files.writeString(folder.resolve("config.yaml.new"), yaml);
        Files.move(fresh, folder.resolve("config.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void anotherSaltKeyLeavesOutWhatItCannotOpenAndServesTheRest() throws Exception {
        String made =
                "{\"model_name\": \"late\", \"litellm_params\": {\"model\": \"echo/y\"}, \"model_info\": {\"id\": \"m\"}}";
        try (Tollgate tollgate = setup().start()) {
            Http admin = new Http(tollgate.url(), MASTER);
            ok(admin.post("/model/new", made));
            expect(tollgate, "late", 200);
            HttpResponse<String> mistaken =
                    admin.post("/model/new", made.replace("echo/y", "ecco/y").replace("\"m\"", "\"n\""));
            assertThat(mistaken.statusCode()).isEqualTo(400);
            assertThat(Http.errorMessage(mistaken))
                    .isEqualTo("unknown provider `ecco` in `ecco/y`; did you mean `echo`?");
            assertThat(ok(admin.get("/health/readiness")).containsKey("stored_models_left_out"))
                    .isFalse();
        }
        try (Tollgate tollgate = setup().env("LITELLM_SALT_KEY", "another").start()) {
            Http admin = new Http(tollgate.url(), MASTER);
            await().atMost(SOON)
                    .until(() -> Integer.valueOf(1)
                            .equals(ok(admin.get("/health/readiness")).getInteger("stored_models_left_out")));
            expect(tollgate, "filed", 200);
            expect(tollgate, "late", 400);
            tollgate.awaitLine("the model `late` (m): it is sealed with another key (fingerprint");
        }
        try (Tollgate tollgate = setup().start()) {
            await().atMost(SOON).until(() -> chat(tollgate, MASTER, "late").statusCode() == 200);
        }
    }

    @Test
    void aGatewayWithoutAFileTakesModelsTooAndSealsThemWithTheMasterKey() throws Exception {
        String made = "{\"model_name\": \"mine\", \"litellm_params\": {\"model\": \"echo/y\", \"api_key\": \"" + SECRET
                + "\"}}";
        try (Tollgate tollgate = new Tollgate.Setup(folder).start()) {
            HttpResponse<String> refused = new Http(tollgate.url()).post("/model/new", made);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(Http.errorMessage(refused)).contains("set LITELLM_SALT_KEY");
        }
        for (boolean first : new boolean[] {true, false}) {
            try (Tollgate tollgate =
                    new Tollgate.Setup(folder).env("LITELLM_MASTER_KEY", MASTER).start()) {
                if (first) {
                    ok(new Http(tollgate.url(), MASTER).post("/model/new", made));
                    expect(tollgate, "mine", 200);
                }
                await().atMost(SOON).until(() -> chat(tollgate, MASTER, "mine").statusCode() == 200);
                expect(tollgate, "echo", 200);
                await().atMost(SOON)
                        .until(() -> tollgate.lines().stream()
                                .anyMatch(line -> line.contains("LITELLM_SALT_KEY is not set")));
            }
        }
        assertNotWritten(SECRET);
    }
}
