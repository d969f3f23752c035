package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes on one PostgreSQL that divide what keys may use. */
class LeasesIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** A node that joins on a busy machine may take that long. */
    private static final Duration JOINED = Duration.ofSeconds(200);

    /** Calls that may cost a third of the budget of one dollar at most: a third of a cent each. */
    private static final int BEFORE_THE_KILL = 100;

    private static final String KEY = "sk-master-of-nodes";
    private static final String CONFIG = """
            model_list:
              - {model_name: paid, litellm_params: {model: echo/x, input_cost_per_token: 0.00003, output_cost_per_token: 0.00003}}
            general_settings: {master_key: %s}
            """.formatted(KEY);
    private static final String CALL =
            "{\"model\":\"paid\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"Hi there\"}]}";

    /** The gateway, a provider and a deployment have budgets of a dollar each. */
    private static final String BUDGETS = """
            model_list:
              - model_name: paid
                litellm_params: {model: echo/x, input_cost_per_token: 0.00003, output_cost_per_token: 0.00003, max_budget: 1}
                model_info: {id: one}
            router_settings: {provider_budget_config: {echo: {budget_limit: 1, time_period: 30d}}}
            litellm_settings: {max_budget: 1}
            general_settings: {master_key: %s}
            """.formatted(KEY);

    @TempDir
    Path folder;

    private Tollgate node(String name, int port, int join, String database) throws Exception {
        return node(name, port, join, database, CONFIG);
    }

    private Tollgate node(String name, int port, int join, String database, String config) throws Exception {
        return Nodes.node(folder.resolve(name), port, join)
                .env("DATABASE_URL", database)
                .config(config)
                .start(JOINED);
    }

    private static String key(Tollgate node, String limits) throws IOException, InterruptedException {
        HttpResponse<String> made = new Http(node.url(), KEY).post("/key/generate", limits);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        return new JsonObject(made.body()).getString("key");
    }

    /** What came back: a status, or 0 when the node was gone. */
    private static int call(Http http) {
        try {
            return http.post("/v1/chat/completions", CALL).statusCode();
        } catch (IOException | InterruptedException _) {
            return 0;
        }
    }

    /** So many callers a node, each until it is refused or its node is gone. */
    private static List<Integer> untilRefused(List<Tollgate> nodes, String key, int callers, Runnable meanwhile)
            throws InterruptedException {
        ConcurrentLinkedQueue<Integer> last = new ConcurrentLinkedQueue<>();
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Tollgate node : nodes) {
                Http http = new Http(node.url(), key);
                for (int i = 0; i < callers; i++) {
                    all.execute(() -> {
                        int status = 200;
                        while (status == 200) {
                            status = call(http);
                        }
                        last.add(status);
                    });
                }
            }
            meanwhile.run();
            all.shutdown();
            assertThat(all.awaitTermination(3, TimeUnit.MINUTES))
                    .as("all callers came to an end")
                    .isTrue();
        }
        return List.copyOf(last);
    }

    private static BigDecimal spent(Tollgate node, String key) {
        try {
            HttpResponse<String> rows = new Http(node.url(), KEY).get("/spend/logs?limit=1000000&api_key=" + key);
            return new JsonArray(rows.body())
                    .stream()
                            .map(row -> new BigDecimal(
                                    ((JsonObject) row).getValue("spend").toString()))
                            .reduce(BigDecimal.ZERO, BigDecimal::add);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aLimitAndABudgetHoldForAllNodesTogetherAlsoWhenOneIsKilled() throws Exception {
        int port = Nodes.freePort();
        try (Postgres postgres = Postgres.start();
                Tollgate first = node("first", port, 0, postgres.url());
                Tollgate second = node("second", Nodes.freePort(), port, postgres.url());
                Tollgate doomed = node("doomed", Nodes.freePort(), port, postgres.url())) {
            List<Tollgate> all = List.of(first, second, doomed);
            await().atMost(SOON).until(() -> all.stream().allMatch(node -> Nodes.seenBy(node) == 3));

            String limited = key(first, "{\"rpm_limit\": 300}");
            AtomicInteger admitted = new AtomicInteger();
            List<Integer> refusals = untilRefusedCounting(all, limited, admitted);
            assertThat(refusals).containsOnly(429);
            assertThat(admitted.get()).isEqualTo(300);

            // A call may cost a third of a cent, so the killed node takes no more than two cents with it.
            String rich = key(second, "{\"max_budget\": 1.0}");
            List<Integer> ends = untilRefused(all, rich, 5, () -> {
                await().atMost(SOON).until(() -> spent(first, rich).compareTo(new BigDecimal("0.3")) > 0);
                doomed.kill();
            });
            assertThat(ends)
                    .filteredOn(status -> status != 0)
                    .hasSizeGreaterThanOrEqualTo(10)
                    .containsOnly(422);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(spent(first, rich)).isGreaterThan(new BigDecimal("0.95")));
            assertThat(spent(second, rich)).isLessThanOrEqualTo(BigDecimal.ONE);

            JsonObject info = new JsonObject(
                    new Http(second.url(), KEY).get("/key/info?key=" + rich).body());
            assertThat(info.getJsonObject("info").getDouble("spend")).isBetween(0.95, 1.0);
            HttpResponse<String> reset =
                    new Http(first.url(), KEY).post("/key/" + rich + "/reset_spend", "{\"reset_to\": 0}");
            assertThat(reset.statusCode()).as(reset.body()).isEqualTo(200);
            assertThat(call(new Http(second.url(), rich)))
                    .as("at once, on the other node")
                    .isEqualTo(200);
        }
    }

    private static JsonObject set(Tollgate node, String whose, String spend) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                new Http(node.url(), KEY).post("/spend/set", "{" + whose + ", \"spend\": " + spend + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    @Test
    void whatTheGatewayAProviderOrADeploymentHasSpentIsSetByHandForAllNodesAtOnce() throws Exception {
        int port = Nodes.freePort();
        try (Postgres postgres = Postgres.start()) {
            try (Tollgate first = node("first", port, 0, postgres.url(), BUDGETS);
                    Tollgate second = node("second", Nodes.freePort(), port, postgres.url(), BUDGETS)) {
                await().atMost(SOON).until(() -> Nodes.seenBy(first) == 2 && Nodes.seenBy(second) == 2);
                Http here = new Http(first.url(), KEY);
                Http there = new Http(second.url(), KEY);
                assertThat(call(here)).isEqualTo(200);
                for (String whose : List.of(
                        "\"kind\": \"deployment\", \"id\": \"one\"",
                        "\"kind\": \"provider\", \"id\": \"echo\"",
                        "\"kind\": \"gateway\"")) {
                    JsonObject spent = set(first, whose, "1");
                    assertThat(spent.getDouble("previous_spend"))
                            .as(spent.encode())
                            .isBetween(1e-9, 0.1);
                    assertThat(spent.getDouble("spend")).isEqualTo(1);
                    assertThat(List.of(call(there), call(here))).as(whose).isSubsetOf(422, 429);
                    assertThat(set(second, whose, "0").getDouble("previous_spend"))
                            .isEqualTo(1);
                    assertThat(List.of(call(here), call(there))).as(whose).containsOnly(200);
                }
                HttpResponse<String> mistaken =
                        here.post("/spend/set", "{\"kind\": \"provider\", \"id\": \"openai\", \"spend\": 0}");
                assertThat(mistaken.statusCode()).isEqualTo(404);
                assertThat(Http.errorMessage(mistaken)).endsWith("These have a budget: echo");
                assertThat(here.get("/provider/budgets").body()).contains("\"budget_limit\":1.0");
            }
            Tollgate.Ended verified = new Tollgate.Setup(folder.resolve("first"))
                    .env("DATABASE_URL", postgres.url())
                    .flags("spend", "verify", "--config", "config.yaml")
                    .run();
            assertThat(verified.output()).endsWith("The daily sums and balances are those of their rows");
            assertThat(verified.exitCode()).isZero();
        }
    }

    /** The store says that the younger half may go on; what the older had is counted as spent. */
    @Test
    void theYoungerOfTwoGoesOnWhenTheOlderIsKilledAndTheBudgetHolds() throws Exception {
        int port = Nodes.freePort();
        try (Postgres postgres = Postgres.start();
                Tollgate older = node("older", port, 0, postgres.url())) {
            await().atMost(JOINED).until(() -> Nodes.seenBy(older) == 1);
            try (Tollgate younger = node("younger", Nodes.freePort(), port, postgres.url())) {
                await().atMost(JOINED).until(() -> Nodes.seenBy(older) == 2 && Nodes.seenBy(younger) == 2);
                String key = key(older, "{\"max_budget\": 1.0}");
                Http caller = new Http(younger.url(), key);
                Rest rest = new Rest();
                AtomicLong refusedLast = new AtomicLong();
                AtomicInteger afterwards = new AtomicInteger();
                try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = 0; i < 5; i++) {
                        Http other = new Http(older.url(), key);
                        all.execute(() -> {
                            while (call(other) == 200) {
                                rest.answered();
                            }
                        });
                        all.execute(() -> untilSpent(caller, rest, refusedLast, afterwards));
                    }
                    rest.kill(older);
                    all.shutdown();
                    assertThat(all.awaitTermination(3, TimeUnit.MINUTES))
                            .as("all callers came to an end")
                            .isTrue();
                }
                assertThat(afterwards.get()).as("calls after the kill").isPositive();
                assertThat(Duration.ofNanos(Math.max(0, refusedLast.get() - rest.killed.get())))
                        .as("how long after the kill a call was refused with 503")
                        .isLessThan(Duration.ofSeconds(30));
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(spent(younger, key)).isGreaterThan(new BigDecimal("0.95")));
                assertThat(spent(younger, key)).isLessThanOrEqualTo(BigDecimal.ONE);
            }
        }
    }

    /** Callers rest from some calls on until a node is killed, so that most of the budget is left then, however fast they are. */
    private static final class Rest {
        private final CountDownLatch enough = new CountDownLatch(BEFORE_THE_KILL);
        private final CountDownLatch over = new CountDownLatch(1);
        final AtomicLong killed = new AtomicLong();

        void answered() {
            enough.countDown();
            try {
                if (enough.getCount() == 0 && !over.await(3, TimeUnit.MINUTES)) {
                    throw new AssertionError("Nobody was killed");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void kill(Tollgate node) throws InterruptedException {
            try {
                assertThat(enough.await(2, TimeUnit.MINUTES))
                        .as("calls before the kill")
                        .isTrue();
                killed.set(System.nanoTime());
                node.kill();
            } finally {
                over.countDown();
            }
        }
    }

    /** Calls until the budget is spent. */
    private static void untilSpent(Http caller, Rest rest, AtomicLong refusedLast, AtomicInteger afterwards) {
        for (int status = call(caller); status == 200 || status == 503; status = call(caller)) {
            if (status == 503) {
                refusedLast.set(System.nanoTime());
            } else {
                if (rest.killed.get() != 0) {
                    afterwards.incrementAndGet();
                }
                rest.answered();
            }
        }
    }

    private static List<Integer> untilRefusedCounting(List<Tollgate> nodes, String key, AtomicInteger admitted)
            throws InterruptedException {
        ConcurrentLinkedQueue<Integer> last = new ConcurrentLinkedQueue<>();
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 450; i++) {
                Http http = new Http(nodes.get(i % nodes.size()).url(), key);
                all.execute(() -> {
                    int status = call(http);
                    if (status == 200) {
                        admitted.incrementAndGet();
                    } else {
                        last.add(status);
                    }
                });
            }
        }
        return List.copyOf(last);
    }
}
