package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key's life, from the admin who makes it to the call that it is refused. Every change holds from the next call on. */
class KeysIT {
    private static final String MASTER = "sk-master-of-all";
    private static final String CONFIG = """
            model_list:
              - {model_name: cheap, litellm_params: {model: echo/x}}
              - {model_name: dear, litellm_params: {model: echo/y}}
            litellm_settings:
              upperbound_key_generate_params: {rpm_limit: 1000}
            general_settings: {master_key: %s}
            """.formatted(MASTER);

    @TempDir
    Path folder;

    private static JsonObject ok(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    /** A chat with the built-in model. */
    private static HttpResponse<String> call(Tollgate tollgate, String key, String model)
            throws IOException, InterruptedException {
        return new Http(tollgate.url(), key).post("/v1/chat/completions", Http.chat(model));
    }

    private static void expect(Tollgate tollgate, String key, int status) throws IOException, InterruptedException {
        HttpResponse<String> answer = call(tollgate, key, "cheap");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    }

    @Test
    void aKeyIsMadeUsedStoppedRotatedAndEnded() throws Exception {
        try (Tollgate tollgate = new Tollgate.Setup(folder).config(CONFIG).start()) {
            Http admin = new Http(tollgate.url(), MASTER);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() ->
                            call(tollgate, "sk-unknown-to-anybody", "cheap").statusCode() == 401);
            JsonObject made = ok(admin.post(
                    "/key/generate", "{\"models\": [\"cheap\"], \"key_alias\": \"prod\", \"user_id\": \"ann\"}"));
            String key = made.getString("key");
            assertThat(made.getInteger("rpm_limit")).isEqualTo(1000);

            HttpResponse<String> slip = admin.post("/key/generate", "{\"max_buget\": 5}");
            assertThat(ok(slip).getValue("max_budget")).isNull();
            assertThat(slip.headers().firstValue("x-tollgate-warning"))
                    .hasValue("unknown field \"max_buget\"; did you mean \"max_budget\"?");

            expect(tollgate, key, 200);
            HttpResponse<String> dear = call(tollgate, key, "dear");
            assertThat(dear.statusCode()).isEqualTo(403);
            assertThat(dear.body()).contains("This key can only access models=[cheap]. Tried to access dear");
            assertThat(new Http(tollgate.url(), key).get("/v1/models").body())
                    .contains("cheap")
                    .doesNotContain("dear");
            assertThat(new Http(tollgate.url(), key).get("/model/info").body()).doesNotContain("dear");
            assertThat(new Http(tollgate.url(), key).get("/user/list").statusCode())
                    .isEqualTo(403);

            String named = "{\"key\": \"" + key + "\"}";
            assertThat(ok(admin.post("/key/block", named)).getBoolean("blocked"))
                    .isTrue();
            expect(tollgate, key, 401);
            ok(admin.post("/key/unblock", named));
            expect(tollgate, key, 200);

            String fresh = ok(admin.post("/key/" + key + "/regenerate", "{\"grace_period\": \"1h\"}"))
                    .getString("key");
            expect(tollgate, key, 200);
            expect(tollgate, fresh, 200);
            ok(admin.post("/key/delete", "{\"keys\": [\"" + key + "\"]}"));
            expect(tollgate, key, 401);
            expect(tollgate, fresh, 200);
            ok(admin.post("/key/delete", "{\"key_aliases\": [\"prod\"]}"));
            expect(tollgate, fresh, 401);

            assertThat(String.join("\n", tollgate.lines())).doesNotContain(key, fresh, MASTER);
            assertNotWritten(key, fresh);
        }
    }

    private void assertNotWritten(String... keys) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(keys);
            }
        }
    }

    /** Whoever may use a model for nothing more must not get it by asking for another one that falls back to it. */
    @Test
    void aBudgetForOneModelHoldsForCallsThatFallBackToIt() throws Exception {
        String priced = CONFIG.replace("echo/y}", "echo/y, input_cost_per_token: 0.001, output_cost_per_token: 0.001}");
        try (Tollgate tollgate = new Tollgate.Setup(folder).config(priced).start()) {
            Http admin = new Http(tollgate.url(), MASTER);
            String limited = """
                    {"model_max_budget": {"dear": {"budget_limit": %s, "time_period": "30d"}}}
                    """;
            String falling = """
                    {"model": "cheap", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5,
                     "fallbacks": ["dear"], "mock_testing_fallbacks": true}
                    """;
            String poor = ok(admin.post("/key/generate", limited.formatted("0.0000001")))
                    .getString("key");
            HttpResponse<String> refused = new Http(tollgate.url(), poor).post("/v1/chat/completions", falling);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
            assertThat(refused.body()).contains("dear");
            expect(tollgate, poor, 200);

            String rich =
                    ok(admin.post("/key/generate", limited.formatted("1000"))).getString("key");
            HttpResponse<String> answered = new Http(tollgate.url(), rich).post("/v1/chat/completions", falling);
            assertThat(answered.statusCode()).as(answered.body()).isEqualTo(200);
            assertThat(answered.headers().firstValue("x-litellm-model-group")).hasValue("dear");
        }
    }

    @Test
    void keysOutliveTheProcessAndUsersSeeOnlyWhatIsTheirs() throws Exception {
        String ann;
        String bob;
        try (Tollgate tollgate = new Tollgate.Setup(folder)
                .config(CONFIG)
                .env("SERVER_ROOT_PATH", "/llm")
                .start()) {
            Http admin = new Http(tollgate.url(), MASTER);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() ->
                            admin.post("/team/new", "{\"team_id\": \"crew\"}").statusCode() == 200);
            ann = ok(admin.post("/user/new", "{\"user_id\": \"ann\", \"teams\": [\"crew\"]}"))
                    .getString("key");
            bob = ok(admin.post("/user/new", "{\"user_id\": \"bob\"}")).getString("key");
            expect(tollgate, ann, 200);
            expect(tollgate, bob, 200);
        }
        try (Tollgate tollgate = new Tollgate.Setup(folder).config(CONFIG).start()) {
            Http hers = new Http(tollgate.url(), ann);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> call(tollgate, ann, "cheap").statusCode() == 200);
            assertThat(hers.get("/spend/logs").statusCode()).isEqualTo(200);
            assertThat(hers.get("/spend/logs?user_id=bob").body()).doesNotContain("\"bob\"");
            assertThat(ok(hers.get("/user/info")).getJsonArray("keys")).hasSize(1);
            assertThat(hers.get("/key/info?key=" + bob).statusCode()).isEqualTo(403);
            String own = ok(hers.post("/key/generate", "{\"allowed_routes\": [\"/v1/models\"]}"))
                    .getString("key");
            assertThat(new Http(tollgate.url(), own).get("/v1/models").statusCode())
                    .isEqualTo(200);
            assertThat(new Http(tollgate.url(), own).get("/key/list").statusCode())
                    .isEqualTo(403);

            Http admin = new Http(tollgate.url(), MASTER);
            ok(admin.post("/team/block", "{\"team_id\": \"crew\"}"));
            ok(admin.post("/user/delete", "{\"user_ids\": [\"ann\"]}"));
            expect(tollgate, ann, 401);
            expect(tollgate, own, 401);
            expect(tollgate, bob, 200);
        }
    }

    @Test
    void mistakesHaveLiteLlmsShapes() throws Exception {
        try (Tollgate tollgate = new Tollgate.Setup(folder).config(CONFIG).start()) {
            Http admin = new Http(tollgate.url(), MASTER);
            HttpResponse<String> typed = admin.post("/key/generate", "{\"max_budget\": \"much\"}");
            assertThat(typed.statusCode()).isEqualTo(422);
            assertThat(typed.body())
                    .startsWith("{\"detail\":[{\"type\":\"float_parsing\",\"loc\":[\"body\",\"max_budget\"]");
            assertThat(admin.get("/key/generate").statusCode()).isEqualTo(405);
            assertThat(admin.get("/key/generate").body()).isEqualTo("{\"detail\":\"Method Not Allowed\"}");
            assertThat(admin.get("/key/nonsense").body()).isEqualTo("{\"detail\":\"Not Found\"}");
            assertThat(new Http(tollgate.url()).post("/key/generate", "{}").statusCode())
                    .isEqualTo(401);
            assertThat(admin.post("/key/generate", "{\"metadata\": {\"x\": \"" + "y".repeat(1 << 20) + "\"}}")
                            .statusCode())
                    .isEqualTo(413);
            assertThat(admin.post("/key/generate", "{\"rpm_limit\": 2000}").body())
                    .contains("rpm_limit is over max limit set in config", "\"code\":\"400\"");
            assertThat(admin.get("/key/info").statusCode())
                    .as("the master key is no virtual key")
                    .isEqualTo(404);
        }
    }
}
