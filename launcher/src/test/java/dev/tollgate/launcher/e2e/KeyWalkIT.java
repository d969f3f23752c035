package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.config.StoreUrl.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The walk of {@code docs/budgets.md}, on each store: a key is made with a budget and a rate limit, meets both, is given more, rotated
 * with overlap, blocked and deleted, and what it spent is what its calls cost, also for the next run.
 */
class KeyWalkIT {
    private static final String MASTER = "sk-change-me";
    private static final int ANOTHER_STATUS = 402;

    private static final String CONFIG = """
            model_list:
              - model_name: echo
                litellm_params: {model: echo/echo, input_cost_per_token: 0.001, output_cost_per_token: 0.001}
            general_settings: {master_key: %s}
            litellm_settings: {budget_exceeded_status_code: %d}
            """.formatted(MASTER, ANOTHER_STATUS);

    /** A thousand years from 2000 on, so that no run of this test meets the end of the period. */
    private static final String LONG = "12000mo";

    private static final String ITS_END = "3000-01-01 00:00:00 UTC";

    @RegisterExtension
    static final Stores POSTGRESQL = new Stores(Kind.POSTGRESQL);

    @RegisterExtension
    static final Stores MARIADB = new Stores(Kind.MYSQL);

    @TempDir
    Path folder;

    @TempDir
    Path another;

    @Test
    void onTheEmbeddedStore() throws Exception {
        String key = walk(setup(folder, null));
        assertStored(setup(folder, null), key);
        assertVerified(setup(folder, null));
    }

    /** The next run has another data folder: what it tells is the server's. */
    @Test
    void onPostgresql() throws Exception {
        String url = POSTGRESQL.fresh();
        String key = walk(setup(folder, url));
        assertStored(setup(another, url), key);
        assertVerified(setup(folder, url));
    }

    @Test
    void onMariadb() throws Exception {
        String url = MARIADB.fresh();
        String key = walk(setup(folder, url));
        assertStored(setup(another, url), key);
        assertVerified(setup(folder, url));
    }

    private static Tollgate.Setup setup(Path in, @Nullable String store) {
        Tollgate.Setup setup = new Tollgate.Setup(in).file("config.yaml", CONFIG);
        return store == null ? setup : setup.env("DATABASE_URL", store);
    }

    private static JsonObject ok(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    private static HttpResponse<String> chat(Tollgate gateway, String key) throws IOException, InterruptedException {
        return new Http(gateway.url(), key)
                .post(
                        "/v1/chat/completions",
                        "{\"model\": \"echo\", \"max_tokens\": 20, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}");
    }

    private static int status(Tollgate gateway, String key) throws IOException, InterruptedException {
        return chat(gateway, key).statusCode();
    }

    private static JsonObject named(String key) {
        return new JsonObject().put("key", key);
    }

    /** Answers the rotated key's first text, which is blocked at the end. */
    private static String walk(Tollgate.Setup setup) throws Exception {
        try (Tollgate gateway = setup.flags("--config", "config.yaml").start()) {
            Http admin = new Http(gateway.url(), MASTER);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> status(gateway, "sk-unknown-to-anybody") == 401);
            String key = ok(admin.post(
                            "/key/generate",
                            new JsonObject()
                                    .put("key_alias", "anna")
                                    .put("max_budget", 0.2)
                                    .put("budget_duration", LONG)
                                    .put("rpm_limit", 5)
                                    .encode()))
                    .getString("key");
            List<String> answered = new ArrayList<>();
            meetsItsRateLimit(gateway, key, answered);
            ok(admin.post("/key/update", named(key).put("rpm_limit", 1000).encode()));
            meetsItsBudget(gateway, admin, key, answered);
            ok(admin.post("/key/update", named(key).put("max_budget", 10).encode()));
            answered.add(callId(chat(gateway, key)));

            String fresh = ok(admin.post("/key/" + key + "/regenerate", "{\"grace_period\": \"1h\"}"))
                    .getString("key");
            assertThat(fresh).isNotEqualTo(key);
            answered.add(callId(chat(gateway, key)));
            answered.add(callId(chat(gateway, fresh)));
            assertThat(spent(admin, fresh))
                    .as("one account under both texts")
                    .isEqualTo(spent(admin, key))
                    .isEqualByComparingTo(costOf(admin, answered));

            ok(admin.post("/key/block", named(key).encode()));
            assertThat(status(gateway, key)).isEqualTo(401);
            assertThat(status(gateway, fresh)).isEqualTo(401);
            return key;
        }
    }

    private static String callId(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("x-litellm-call-id").orElseThrow();
    }

    private static void meetsItsRateLimit(Tollgate gateway, String key, List<String> answered) throws Exception {
        for (int i = 0; i < 5; i++) {
            answered.add(callId(chat(gateway, key)));
        }
        HttpResponse<String> sixth = chat(gateway, key);
        assertThat(sixth.statusCode()).as(sixth.body()).isEqualTo(429);
        assertThat(Http.errorMessage(sixth))
                .startsWith(
                        "Rate limit exceeded for api_key: anna. Limit type: requests. Current limit: 5, Remaining: 0. Limit resets at: ");
        assertThat(sixth.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 61L);
    }

    private static void meetsItsBudget(Tollgate gateway, Http admin, String key, List<String> answered)
            throws Exception {
        HttpResponse<String> next = chat(gateway, key);
        for (int i = 0; i < 20 && next.statusCode() == 200; i++) {
            answered.add(callId(next));
            next = chat(gateway, key);
        }
        assertThat(next.statusCode()).as(next.body()).isEqualTo(ANOTHER_STATUS);
        String spent = spent(admin, key).stripTrailingZeros().toPlainString();
        assertThat(Http.errorMessage(next))
                .startsWith("Budget has been exceeded! Key=anna Current cost: " + spent + ", Max budget: 0.2.")
                .endsWith("Spend begins anew at " + ITS_END + ".");
        assertThat(new JsonObject(next.body()).getJsonObject("error").getString("type"))
                .isEqualTo("budget_exceeded");
        assertThat(spent(admin, key)).isLessThanOrEqualTo(new BigDecimal("0.2"));
    }

    private static BigDecimal spent(Http admin, String key) throws IOException, InterruptedException {
        Object spend =
                ok(admin.get("/key/info?key=" + key)).getJsonObject("info").getValue("spend");
        return new BigDecimal(spend.toString());
    }

    /** What the rows come to; they are of these calls and no others. */
    private static BigDecimal costOf(Http admin, List<String> answered) throws IOException, InterruptedException {
        List<String> ids = new ArrayList<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (Object each : new JsonArray(admin.get("/spend/logs?limit=1000").body())) {
            JsonObject row = (JsonObject) each;
            ids.add(row.getString("request_id"));
            sum = sum.add(new BigDecimal(row.getValue("spend").toString()));
        }
        assertThat(ids).containsExactlyInAnyOrderElementsOf(answered);
        return sum;
    }

    /** The next run knows the key, what it spent and that it is blocked, and deletes it. */
    private static void assertStored(Tollgate.Setup setup, String key) throws Exception {
        try (Tollgate gateway = setup.flags("--config", "config.yaml").start()) {
            Http admin = new Http(gateway.url(), MASTER);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> admin.get("/key/info?key=" + key).statusCode() == 200);
            JsonObject info = ok(admin.get("/key/info?key=" + key)).getJsonObject("info");
            assertThat(info.getBoolean("blocked")).isTrue();
            BigDecimal rows = BigDecimal.ZERO;
            for (Object each : new JsonArray(admin.get("/spend/logs?limit=1000").body())) {
                rows = rows.add(
                        new BigDecimal(((JsonObject) each).getValue("spend").toString()));
            }
            assertThat(rows).isPositive();
            assertThat(spent(admin, key)).isEqualByComparingTo(rows);
            ok(admin.post(
                    "/key/delete",
                    new JsonObject().put("keys", new JsonArray().add(key)).encode()));
            assertThat(status(gateway, key)).isEqualTo(401);
            assertThat(admin.get("/key/info?key=" + key).statusCode()).isEqualTo(404);
        }
    }

    /** The daily sums and the balances are those of the rows, and all of them can be told. */
    private static void assertVerified(Tollgate.Setup setup) throws InterruptedException {
        Tollgate.Ended ended =
                setup.flags("spend", "verify", "--config", "config.yaml").run();
        assertThat(ended.output()).endsWith("The daily sums and balances are those of their rows");
        assertThat(ended.exitCode()).as(ended.output()).isZero();
    }
}
