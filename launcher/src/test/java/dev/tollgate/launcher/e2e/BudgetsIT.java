package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys with budgets and limits, on the jar with its embedded store. Prices are those of gpt-4o, written into the configuration. */
class BudgetsIT {
    private static final long INPUT = 2_500;
    private static final long OUTPUT = 10_000;
    private static final int CALLERS = 20;
    private static final String MASTER = "sk-master-of-the-gate";

    @TempDir
    Path folder;

    /** What the provider was asked for, by the call's end user where it names one, and what that costs. */
    private final Map<String, Long> costs = new ConcurrentHashMap<>();

    private final Random random = new Random();
    private final Upstream upstream = Upstream.answering(this::answer);

    @AfterEach
    void end() {
        upstream.close();
    }

    private static JsonObject body(HttpResponse<String> response) {
        return new JsonObject(response.body());
    }

    private static long nanos(Object dollars) {
        return new BigDecimal(dollars.toString())
                .movePointRight(9)
                .setScale(0, RoundingMode.HALF_UP)
                .longValueExact();
    }

    /** Uses some of the prompt's bytes and some of the tokens that it may generate; remembers what that costs. */
    private void answer(Upstream.Asked asked, HttpServerResponse response, Vertx vertx) {
        JsonObject request = asked.body();
        int most = request.getInteger("max_tokens", request.getInteger("max_completion_tokens", 400));
        long prompt = 5 + random.nextInt(15);
        long completion = random.nextInt(Math.min(most, 400) + 1);
        String id = "chatcmpl-" + costs.size() + "-" + random.nextInt(1_000_000);
        costs.put(request.getString("user", id), prompt * INPUT + completion * OUTPUT);
        JsonObject answer = new JsonObject()
                .put("id", id)
                .put("object", "chat.completion")
                .put("created", 1)
                .put("model", request.getString("model"))
                .put(
                        "choices",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("index", 0)
                                        .put("finish_reason", "stop")
                                        .put(
                                                "message",
                                                new JsonObject()
                                                        .put("role", "assistant")
                                                        .put("content", "Hello"))))
                .put(
                        "usage",
                        new JsonObject()
                                .put("prompt_tokens", prompt)
                                .put("completion_tokens", completion)
                                .put("total_tokens", prompt + completion));
        vertx.setTimer(
                1 + random.nextInt(20),
                _ -> response.putHeader("content-type", "application/json").end(answer.encode()));
    }

    private Tollgate start(String port) throws InterruptedException {
        return new Tollgate.Setup(folder)
                .config("""
                        model_list:
                          - model_name: chat
                            litellm_params:
                              model: openai/gpt-4o
                              api_base: %s/v1
                              api_key: sk-upstream
                              input_cost_per_token: 0.0000025
                              output_cost_per_token: 0.00001
                        general_settings:
                          master_key: %s
                        """.formatted(upstream.url(), MASTER))
                .flags("--port", port)
                .start();
    }

    private static String key(Http admin, JsonObject fields) throws IOException, InterruptedException {
        HttpResponse<String> made = admin.post("/key/generate", fields.encode());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        return body(made).getString("key");
    }

    private static String chat(int maxTokens) {
        return new JsonObject(Http.chat("chat")).put("max_tokens", maxTokens).encode();
    }

    @Test
    void aKeyIsToldItsLimitAndRefusedBehindIt() throws Exception {
        try (Tollgate gateway = start("0")) {
            Http admin = new Http(gateway.url(), MASTER);
            Http anna = new Http(
                    gateway.url(),
                    key(admin, new JsonObject().put("rpm_limit", 2).put("key_alias", "anna")));
            HttpResponse<String> first = anna.post("/v1/chat/completions", chat(10));
            assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
            assertThat(first.headers().firstValue("x-ratelimit-api_key-remaining-requests"))
                    .hasValue("1");
            assertThat(anna.post("/v1/chat/completions", chat(10)).statusCode()).isEqualTo(200);
            HttpResponse<String> third = anna.post("/v1/chat/completions", chat(10));
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(Http.errorMessage(third))
                    .startsWith("Rate limit exceeded for api_key: anna. Limit type: requests.");
            assertThat(third.headers().firstValueAsLong("retry-after").orElse(0))
                    .isBetween(1L, 61L);
            assertThat(third.headers().firstValue("rate_limit_type")).hasValue("requests");
        }
    }

    @Test
    void theLastOfABudgetBuysAShorterAnswerAndThenNothing() throws Exception {
        try (Tollgate gateway = start("0")) {
            Http admin = new Http(gateway.url(), MASTER);
            String key = key(admin, new JsonObject().put("max_budget", 0.001));
            Http anna = new Http(gateway.url(), key);
            HttpResponse<String> first = anna.post("/v1/chat/completions", chat(1_000));
            assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
            int allowed = upstream.last().body().getInteger("max_tokens");
            assertThat(allowed).isBetween(1, 99);
            assertThat(first.headers().firstValue("x-tollgate-max-tokens")).hasValue(Integer.toString(allowed));
            HttpResponse<String> later = first;
            for (int i = 0; i < 200 && later.statusCode() == 200; i++) {
                later = anna.post("/v1/chat/completions", chat(1_000));
            }
            assertThat(later.statusCode()).isEqualTo(422);
            assertThat(body(later).getJsonObject("error").getString("type")).isEqualTo("budget_exceeded");
            assertThat(nanos(body(admin.get("/key/info?key=" + key))
                            .getJsonObject("info")
                            .getValue("spend")))
                    .isEqualTo(
                            costs.values().stream().mapToLong(Long::longValue).sum())
                    .isBetween(700_000L, 1_000_000L);
        }
    }

    /**
     * What the provider was asked for is in the ledger, and nothing is there twice; what the client saw answered at its price, and what was
     * under way at a kill with what was set aside for it. So the provider wants no more than the budget, over every death, and edits stay. How often it dies and at which moments can be set: CONTRIBUTING.md has the
     * command of the long form.
     */
    @Test
    void nothingIsLostOrDoubledWhenItIsKilledUnderLoadAgainAndAgain() throws Exception {
        int kills = Integer.getInteger("tollgate.proof.kills", 4);
        long seed = Long.getLong("tollgate.proof.seed", System.nanoTime());
        System.out.println(kills + " kills, seed " + seed);
        Random moments = new Random(seed);
        long budget = 10_000_000L * kills;
        Set<String> answered = ConcurrentHashMap.newKeySet();
        AtomicInteger refused = new AtomicInteger();
        Tollgate gateway = start("0");
        AtomicReference<CountDownLatch> up = new AtomicReference<>(new CountDownLatch(0));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        try {
            String url = gateway.url();
            String port = Integer.toString(gateway.port());
            Http admin = new Http(url, MASTER);
            String key = key(admin, new JsonObject().put("max_budget", kills / 100.0));
            for (int i = 0; i < CALLERS; i++) {
                callers.execute(() -> call(new Http(url, key), up, answered, refused));
            }
            for (int kill = 0; kill < kills; kill++) {
                int calls = costs.size() + 1 + moments.nextInt(40);
                await().atMost(Duration.ofSeconds(60)).until(() -> costs.size() >= calls || refused.get() == CALLERS);
                edit(admin, key, kill);
                CountDownLatch again = new CountDownLatch(1);
                up.set(again);
                gateway.kill();
                gateway = start(port);
                assertEdited(admin, key, kill, kills);
                again.countDown();
            }
            await().atMost(Duration.ofSeconds(60 + 10L * kills)).until(() -> refused.get() == CALLERS);
            callers.shutdown();
            assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(stored(admin)).as("seed %d", seed).containsAll(answered));
            long spent = spent(admin);
            System.out.printf(
                    "%d kills, seed %d: %d calls answered, %d asked of the provider for $%s, $%s of $%s spent%n",
                    kills,
                    seed,
                    answered.size(),
                    costs.size(),
                    BigDecimal.valueOf(billed(), 9),
                    BigDecimal.valueOf(spent, 9),
                    BigDecimal.valueOf(budget, 9));
            assertThat(billed()).as("seed %d", seed).isLessThanOrEqualTo(spent);
            assertThat(spent).as("seed %d", seed).isBetween(budget * 95 / 100, budget);
            assertThat(nanos(body(admin.get("/key/info?key=" + key))
                            .getJsonObject("info")
                            .getValue("spend")))
                    .as("seed %d: the key's spend is the sum of its rows", seed)
                    .isEqualTo(spent);
            assertAskedOfTheProvider(admin, answered, seed);
            assertEdited(admin, key, kills - 1, kills);
        } finally {
            // They would go on for ever if this has failed.
            callers.shutdownNow();
            gateway.close();
        }
    }

    /** Two edits, each of fields of its own, while the key spends. */
    private static void edit(Http admin, String key, int edit) throws IOException, InterruptedException {
        for (JsonObject fields : List.of(
                new JsonObject().put("metadata", new JsonObject().put("edit", edit)),
                new JsonObject().put("key_alias", "edit-" + edit))) {
            HttpResponse<String> edited =
                    admin.post("/key/update", fields.put("key", key).encode());
            assertThat(edited.statusCode()).as(edited.body()).isEqualTo(200);
        }
    }

    /** The last edits are there, what was not edited is as it was, and spend did not take the place of either. */
    private static void assertEdited(Http admin, String key, int edit, int kills)
            throws IOException, InterruptedException {
        // A run that has just begun may not have read its store yet, and says so.
        await().atMost(Duration.ofSeconds(60))
                .until(() -> admin.get("/key/info?key=" + key).statusCode() != 503);
        HttpResponse<String> asked = admin.get("/key/info?key=" + key);
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(200);
        JsonObject info = body(asked).getJsonObject("info");
        assertThat(info.getJsonObject("metadata")).isEqualTo(new JsonObject().put("edit", edit));
        assertThat(info.getString("key_alias")).isEqualTo("edit-" + edit);
        assertThat(info.getDouble("max_budget")).isEqualTo(kills / 100.0);
        assertThat(nanos(info.getValue("spend"))).isPositive();
    }

    /** What the provider wants to be paid. */
    private long billed() {
        return costs.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Each call that the provider saw has a row. It costs what that answer did, or at least as much where nobody knew that any more. Another
     * row is only of a call that was about to be made at a kill.
     */
    private void assertAskedOfTheProvider(Http admin, Set<String> answered, long seed)
            throws IOException, InterruptedException {
        Set<String> counted = new HashSet<>();
        int cut = 0;
        for (Object each : rows(admin)) {
            JsonObject row = (JsonObject) each;
            String call = row.getString("end_user");
            long spend = nanos(row.getValue("spend"));
            counted.add(call);
            if ("INTERRUPTED".equals(row.getJsonObject("metadata").getString("error"))) {
                cut++;
                assertThat(answered).as("seed %d", seed).doesNotContain(row.getString("request_id"));
                assertThat(spend).as("seed %d", seed).isGreaterThanOrEqualTo(costs.getOrDefault(call, 1L));
            } else {
                assertThat(costs).as("seed %d", seed).containsEntry(call, spend);
            }
        }
        assertThat(counted).as("seed %d", seed).containsAll(costs.keySet());
        System.out.printf(
                "%d rows, %d of them under way at a kill, %d of those not asked of the provider%n",
                counted.size(), cut, counted.size() - costs.size());
    }

    /** Whoever finds the gateway dead waits until it is up again. */
    private static void call(
            Http anna, AtomicReference<CountDownLatch> up, Set<String> answered, AtomicInteger refused) {
        while (true) {
            try {
                up.get().await();
                // Its own name for each call, by which the provider and the row can be compared.
                String body = new JsonObject(chat(20))
                        .put("user", UUID.randomUUID().toString())
                        .encode();
                HttpResponse<String> response = anna.post("/v1/chat/completions", body);
                if (response.statusCode() == 200) {
                    answered.add(
                            response.headers().firstValue("x-litellm-call-id").orElseThrow());
                } else if (response.statusCode() == 422) {
                    refused.incrementAndGet();
                    return;
                }
            } catch (IOException _) {
                // Killed.
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private static JsonArray rows(Http admin) throws IOException, InterruptedException {
        return new JsonArray(admin.get("/spend/logs?limit=1000000").body());
    }

    private static Set<String> stored(Http admin) throws IOException, InterruptedException {
        Set<String> ids = new HashSet<>();
        for (Object row : rows(admin)) {
            assertThat(ids.add(((JsonObject) row).getString("request_id")))
                    .as("each once")
                    .isTrue();
        }
        return ids;
    }

    private static long spent(Http admin) throws IOException, InterruptedException {
        long sum = 0;
        for (Object row : rows(admin)) {
            sum += nanos(((JsonObject) row).getValue("spend"));
        }
        return sum;
    }
}
