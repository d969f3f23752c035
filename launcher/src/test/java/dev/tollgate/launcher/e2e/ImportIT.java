package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A move from LiteLLM: its database is brought over, and its users' keys go on where they were. */
class ImportIT {
    private static final String MASTER = "sk-master-of-all";
    private static final String KEY = "sk-made-by-litellm-0001";
    private static final String CONFIG = """
            model_list:
              - {model_name: cheap, litellm_params: {model: echo/x, input_cost_per_token: 0.001, output_cost_per_token: 0.001}}
            general_settings: {master_key: %s}
            """.formatted(MASTER);

    /** Columns as LiteLLM documents them. */
    private static final String TABLES = """
            CREATE TABLE "LiteLLM_UserTable" (user_id text PRIMARY KEY, user_role text, spend double precision DEFAULT 0);
            CREATE TABLE "LiteLLM_TeamTable" (team_id text PRIMARY KEY, team_alias text, members_with_roles jsonb,
              spend double precision DEFAULT 0, blocked boolean DEFAULT false);
            CREATE TABLE "LiteLLM_VerificationToken" (token text PRIMARY KEY, key_name text, key_alias text,
              spend double precision DEFAULT 0, models text[], user_id text, team_id text, max_budget double precision,
              budget_duration text, budget_reset_at timestamp(3), metadata jsonb DEFAULT '{}');
            CREATE TABLE "LiteLLM_ProxyModelTable" (model_id text PRIMARY KEY, model_name text, litellm_params jsonb);
            INSERT INTO "LiteLLM_ProxyModelTable" VALUES ('1', 'hidden-model', '{}');
            INSERT INTO "LiteLLM_UserTable" VALUES ('ann', 'internal_user', 9.5);
            INSERT INTO "LiteLLM_TeamTable" VALUES ('crew', 'The crew', '[{"role": "admin", "user_id": "ann"}]', 9.5);
            """;

    @TempDir
    Path folder;

    private static String hash(String key) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    private Tollgate.Ended bring(Postgres postgres, String... more) throws InterruptedException {
        return new Tollgate.Setup(folder)
                .file("config.yaml", CONFIG)
                .env("OLD_DATABASE", postgres.url())
                .flags("import-litellm", "--from", "os.environ/OLD_DATABASE", "--config", "config.yaml")
                .flags(more)
                .run();
    }

    private static HttpResponse<String> call(Tollgate tollgate) throws Exception {
        return new Http(tollgate.url(), KEY).post("/v1/chat/completions", Http.chat("cheap"));
    }

    @Test
    void aKeyOfLiteLlmGoesOnAndIsRefusedWhereItsBudgetEnds() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            postgres.sql(TABLES
                    + "INSERT INTO \"LiteLLM_VerificationToken\" VALUES ('%s', 'sk-...0001', 'hers', 9.5, '{cheap}', 'ann', 'crew', 10,"
                            .formatted(hash(KEY))
                    + " '30d', now() + interval '9 days')");
            Tollgate.Ended dry = bring(postgres, "--dry-run");
            assertThat(dry.output()).contains("keys: 1 to bring", "hidden-model", "Nothing was written");
            assertThat(dry.exitCode()).isZero();
            assertThat(Files.exists(folder.resolve("data"))).isFalse();
            assertThat(bring(postgres).output()).contains("keys: 1 brought", "users: 1 brought", "teams: 1 brought");
            assertThat(bring(postgres).output()).contains("keys: 0 brought, 1 here already and the same");
        }
        try (Tollgate tollgate = new Tollgate.Setup(folder).config(CONFIG).start()) {
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> call(tollgate).statusCode() == 200);
            Http admin = new Http(tollgate.url(), MASTER);
            JsonObject info = new JsonObject(admin.get("/key/info?key=" + KEY).body()).getJsonObject("info");
            assertThat(info.getString("key_alias")).isEqualTo("hers");
            assertThat(info.getDouble("spend")).isGreaterThan(9.5);
            var told = call(tollgate).headers();
            assertThat(told.firstValue("x-litellm-key-max-budget")).hasValue("10");
            assertThat(Double.parseDouble(told.firstValue("x-litellm-key-spend").orElseThrow()))
                    .isGreaterThan(info.getDouble("spend"));
            assertThat(admin.post("/v1/chat/completions", Http.chat("cheap"))
                            .headers()
                            .firstValue("x-litellm-key-spend"))
                    .as("of the master key")
                    .isEmpty();
            int calls = 0;
            HttpResponse<String> last = call(tollgate);
            while (last.statusCode() == 200 && ++calls < 200) {
                last = call(tollgate);
            }
            assertThat(last.statusCode()).as(last.body()).isEqualTo(422);
            assertThat(last.body()).contains("budget_exceeded");
            assertThat(new JsonObject(admin.get("/key/info?key=" + KEY).body())
                            .getJsonObject("info")
                            .getDouble("spend"))
                    .isLessThanOrEqualTo(10.0);
            assertThat(admin.get("/team/info?team_id=crew").body()).contains("The crew", "\"ann\"");
        }
    }

    @Test
    void whatIsNoUrlOrNoVariableIsBadUsage() throws Exception {
        Tollgate.Ended ended = new Tollgate.Setup(folder)
                .flags("import-litellm", "--from", "os.environ/NO_SUCH_VARIABLE")
                .run();
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).isEqualTo("--from names the variable NO_SUCH_VARIABLE, which is not set");
        assertThat(new Tollgate.Setup(folder)
                        .flags("import-litellm", "--from", "postgresql://nobody@127.0.0.1:1/x", "--dry-run")
                        .run())
                .satisfies(unreachable -> {
                    assertThat(unreachable.exitCode()).isEqualTo(1);
                    assertThat(unreachable.output())
                            .contains("cannot be reached")
                            .doesNotContain("nobody");
                });
    }
}
