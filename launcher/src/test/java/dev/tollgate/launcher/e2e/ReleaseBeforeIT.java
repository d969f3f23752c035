package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two nodes of an earlier version become two of this one, one after the other, and are one cluster all the while. With
 * {@code -Dtollgate.proof.older=FILE}, the fat jar of that version.
 */
@EnabledIfSystemProperty(named = "tollgate.proof.older", matches = ".+")
class ReleaseBeforeIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final String KEY = "sk-master-of-two";
    private static final String TEXT =
            "{\"model\":\"text\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi there\"}]}";
    private static final String PICTURE =
            "{\"model\":\"picture\",\"max_tokens\":2000,\"messages\":[{\"role\":\"user\",\"content\":\"A cat\"}]}";

    @TempDir
    Path folder;

    private Upstream upstream;
    private final List<Tollgate> started = new ArrayList<>();
    private final int[] members = new int[2];
    private Map<String, String> environment = Map.of();

    /** Where spend and keys are kept. */
    enum Store {
        SQLITE,
        POSTGRESQL
    }

    @BeforeEach
    void open() throws IOException {
        upstream = Upstream.answering(ReleaseBeforeIT::draw);
        members[0] = Nodes.lastingPort();
        members[1] = Nodes.lastingPort();
    }

    @AfterEach
    void close() {
        started.forEach(Tollgate::close);
        upstream.close();
    }

    private static void draw(Upstream.Asked asked, HttpServerResponse response, Vertx vertx) {
        response.putHeader("content-type", "application/json").end("""
            {"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]},
             "finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1290,
             "totalTokenCount":1298,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]},
             "modelVersion":"gemini-2.5-flash-image"}
            """);
    }

    private Tollgate.Setup setup(int i) throws IOException {
        Tollgate.Setup setup = Nodes.node(folder.resolve("node" + i), members[i], members[1 - i])
                .env("TOLLGATE_CLUSTER_SECRET", "of-two")
                .config("""
                    model_list:
                      - {model_name: text, litellm_params: {model: echo/x, input_cost_per_token: 0.00003, output_cost_per_token: 0.00003}}
                      - {model_name: picture, litellm_params: {model: gemini/gemini-2.5-flash-image, api_base: "%s", api_key: k}}
                    general_settings: {master_key: %s}
                    """.formatted(upstream.url(), KEY));
        environment.forEach(setup::env);
        return setup;
    }

    private Tollgate start(int i, Path jar) throws Exception {
        Tollgate node = setup(i).jar(jar).start(SOON);
        started.add(node);
        return node;
    }

    private Tollgate replaced(int i, Tollgate old) throws Exception {
        old.stop();
        old.process().onExit().join();
        return start(i, Tollgate.JAR);
    }

    private static void together(Tollgate... nodes) {
        for (Tollgate node : nodes) {
            await().atMost(SOON).until(() -> Nodes.seenBy(node) == nodes.length);
        }
    }

    private static JsonObject admin(Tollgate node, String path, JsonObject body)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = new Http(node.url(), KEY).post(path, body.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static String key(Tollgate node, JsonObject limits) throws IOException, InterruptedException {
        return admin(node, "/key/generate", limits).getString("key");
    }

    private static int call(Tollgate node, String key, String body) throws IOException, InterruptedException {
        return new Http(node.url(), key).post("/v1/chat/completions", body).statusCode();
    }

    private static BigDecimal spent(Tollgate node, String key) throws IOException, InterruptedException {
        JsonObject info = new JsonObject(
                new Http(node.url(), KEY).get("/key/info?key=" + key).body());
        return new BigDecimal(info.getJsonObject("info").getValue("spend").toString());
    }

    private static Map<String, JsonObject> rows(Tollgate node, String key) throws IOException, InterruptedException {
        Map<String, JsonObject> rows = new TreeMap<>();
        for (Object each : new JsonArray(new Http(node.url(), KEY)
                .get("/spend/logs?limit=1000&api_key=" + key)
                .body())) {
            // A node that has just come may refuse while it asks the other one.
            if (each instanceof JsonObject row && row.getString("status").equals("success")) {
                rows.put(row.getString("request_id"), row);
            }
        }
        return rows;
    }

    private static BigDecimal sum(Map<String, JsonObject> rows) {
        return rows.values().stream()
                .map(row -> new BigDecimal(row.getValue("spend").toString()))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @ParameterizedTest
    @EnumSource
    void aRollingUpgradeKeepsKeysLimitsAndSpend(Store store) throws Exception {
        Postgres postgres = store == Store.POSTGRESQL ? Postgres.start() : null;
        try {
            environment = postgres == null ? Map.of() : Map.of("DATABASE_URL", postgres.url());
            upgrade();
        } finally {
            started.forEach(Tollgate::close);
            if (postgres != null) {
                postgres.close();
            }
        }
    }

    private void upgrade() throws Exception {
        Path older = Path.of(System.getProperty("tollgate.proof.older"));
        Tollgate first = start(0, older);
        Tollgate second = start(1, older);
        together(first, second);
        String key = key(first, new JsonObject().put("max_budget", 5).put("rpm_limit", 1_000));
        await().atMost(SOON).until(() -> call(second, key, TEXT) == 200);
        Tollgate newer = replaced(1, second);
        together(first, newer);
        for (Tollgate node : List.of(first, newer, first, newer)) {
            await().atMost(SOON).until(() -> call(node, key, TEXT) == 200);
        }
        assertThat(call(newer, key, PICTURE)).isEqualTo(200);
        oneLimit(first, newer);
        oneKey(first, newer);
        oneKey(newer, first);
        Tollgate newest = replaced(0, first);
        together(newest, newer);
        assertThat(call(newest, key, PICTURE)).isEqualTo(200);
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(rows(newest, key)).hasSize(7).isEqualTo(rows(newer, key));
            assertThat(spent(newest, key)).isEqualByComparingTo(sum(rows(newest, key)));
            assertThat(spent(newer, key)).isEqualByComparingTo(sum(rows(newer, key)));
        });
        assertThat(rows(newest, key).values().stream()
                        .filter(row -> row.getJsonObject("metadata").getInteger("image_completion_tokens", 0) == 1290)
                        .map(row -> row.getDouble("spend")))
                .as("pictures, of which one was stored by the older node where each has a store of its own")
                .containsExactly(0.0387024, 0.0387024);
        started.forEach(Tollgate::close);
        for (int i = 0; i < 2; i++) {
            Tollgate.Setup verify = new Tollgate.Setup(folder.resolve("node" + i));
            environment.forEach(verify::env);
            Tollgate.Ended verified =
                    verify.flags("spend", "verify", "--config", "config.yaml").run();
            assertThat(verified.exitCode()).as(verified.output()).isZero();
        }
    }

    private static void oneLimit(Tollgate first, Tollgate second) throws IOException, InterruptedException {
        String key = key(second, new JsonObject().put("rpm_limit", 4));
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            statuses.add(call(i % 2 == 0 ? first : second, key, TEXT));
        }
        assertThat(statuses).as("four a minute, whoever is asked").containsOnly(200, 429);
        assertThat(statuses.stream().filter(status -> status == 200)).hasSize(4);
    }

    /** A key that one makes and blocks is one of the other. */
    private static void oneKey(Tollgate making, Tollgate using) throws IOException, InterruptedException {
        String key = key(making, new JsonObject());
        await().atMost(SOON).until(() -> call(using, key, TEXT) == 200);
        admin(making, "/key/block", new JsonObject().put("key", key));
        await().atMost(SOON).until(() -> call(using, key, TEXT) != 200);
    }
}
