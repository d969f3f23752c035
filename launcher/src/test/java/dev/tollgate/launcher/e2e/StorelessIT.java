package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes without a database server, each with a SQLite file. */
class StorelessIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = "sk-master-of-nodes";
    private static final String CONFIG = """
            model_list:
              - {model_name: free, litellm_params: {model: echo/x}}
              - {model_name: paid, litellm_params: {model: echo/x, input_cost_per_token: 0.00003, output_cost_per_token: 0.00003}}
            general_settings: {master_key: %s}
            """.formatted(KEY);
    private static final String CALL =
            "{\"model\":\"free\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi there\"}]}";

    private static final int CALLERS = 5;

    /** A node that starts on a busy machine may take that long. */
    private static final Duration JOINED = Duration.ofSeconds(200);

    @TempDir
    Path folder;

    private final List<Tollgate> started = new ArrayList<>();

    private Tollgate node(String name, int port, int join) throws Exception {
        Tollgate node =
                Nodes.node(folder.resolve(name), port, join).config(CONFIG).start(JOINED);
        started.add(node);
        return node;
    }

    @AfterEach
    void close() {
        started.forEach(Tollgate::close);
    }

    /** Three nodes that are together; the last of them is killed in the end. */
    private record Trio(int port, Tollgate first, Tollgate second, Tollgate doomed) {
        List<Tollgate> all() {
            return List.of(first, second, doomed);
        }
    }

    private Trio three() throws Exception {
        int port = Nodes.freePort();
        Tollgate first = node("first", port, 0);
        Tollgate second = node("second", Nodes.freePort(), port);
        Trio nodes = new Trio(port, first, second, node("doomed", Nodes.freePort(), port));
        await().atMost(SOON).until(() -> nodes.all().stream().allMatch(node -> Nodes.seenBy(node) == 3));
        return nodes;
    }

    private static JsonObject done(Tollgate node, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = new Http(node.url(), KEY).post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static final String PAID =
            "{\"model\":\"paid\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"Hi there\"}]}";

    private static int call(Tollgate node, String key) throws IOException, InterruptedException {
        return new Http(node.url(), key).post("/v1/chat/completions", CALL).statusCode();
    }

    @Test
    void aKeyOfOneIsAKeyOfAllAndOneThatWasDeletedStaysSoWhenAKilledNodeComesBack() throws Exception {
        Trio nodes = three();
        Tollgate first = nodes.first();
        Tollgate second = nodes.second();
        Tollgate doomed = nodes.doomed();
        String kept = done(first, "/key/generate", "{}").getString("key");
        String deleted = done(second, "/key/generate", "{}").getString("key");
        for (Tollgate node : nodes.all()) {
            // At once, unless a node took two seconds to say so.
            await().atMost(SOON).until(() -> call(node, kept) == 200 && call(node, deleted) == 200);
        }
        doomed.kill();
        await().atMost(SOON).until(() -> Nodes.seenBy(first) == 2 && Nodes.seenBy(second) == 2);
        done(
                first,
                "/key/delete",
                new JsonObject().put("keys", List.of(deleted)).encode());
        await().atMost(SOON).until(() -> call(second, deleted) == 401);
        done(second, "/key/block", new JsonObject().put("key", kept).encode());
        String fresh = done(second, "/key/generate", "{}").getString("key");
        Tollgate back = node("doomed", Nodes.freePort(), nodes.port());
        await().atMost(SOON).until(() -> call(back, fresh) == 200);
        await().atMost(SOON).until(() -> call(back, deleted) == 401);
        await().atMost(SOON).until(() -> call(back, kept) != 200);
    }

    /** Of one key: what each call cost, by its id. */
    private static Map<String, BigDecimal> rows(Tollgate node, String key) {
        try {
            HttpResponse<String> rows = new Http(node.url(), KEY).get("/spend/logs?limit=1000000&api_key=" + key);
            Map<String, BigDecimal> costs = new TreeMap<>();
            new JsonArray(rows.body())
                    .forEach(row -> costs.put(
                            ((JsonObject) row).getString("request_id"),
                            new BigDecimal(((JsonObject) row).getValue("spend").toString())));
            return costs;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static BigDecimal sum(Map<String, BigDecimal> rows) {
        return rows.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static double spend(Tollgate node, String key) throws IOException, InterruptedException {
        return new JsonObject(
                        new Http(node.url(), KEY).get("/key/info?key=" + key).body())
                .getJsonObject("info")
                .getDouble("spend");
    }

    /** So many callers a node, each until it is refused or its node is gone; answers the refusals. */
    private static List<Integer> untilRefused(
            List<Tollgate> nodes, String key, Set<String> answered, Runnable meanwhile) throws InterruptedException {
        ConcurrentLinkedQueue<Integer> last = new ConcurrentLinkedQueue<>();
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Tollgate node : nodes) {
                Http http = new Http(node.url(), key, Http.LONG_PATIENCE);
                for (int i = 0; i < CALLERS; i++) {
                    all.execute(() -> {
                        int status = paid(http, answered);
                        while (status == 200) {
                            status = paid(http, answered);
                        }
                        last.add(status);
                    });
                }
            }
            meanwhile.run();
            all.shutdown();
            assertThat(all.awaitTermination(4, TimeUnit.MINUTES))
                    .as("all callers came to an end")
                    .isTrue();
        }
        return List.copyOf(last);
    }

    /** A status, or 0 when the node was gone; remembers the call when it was answered. */
    private static int paid(Http http, Set<String> answered) {
        try {
            HttpResponse<String> answer = http.post("/v1/chat/completions", PAID);
            if (answer.statusCode() == 200) {
                answered.add(answer.headers().firstValue("x-litellm-call-id").orElseThrow());
            }
            return answer.statusCode();
        } catch (IOException | InterruptedException _) {
            return 0;
        }
    }

    private static int paid(Tollgate node, String key) {
        return paid(new Http(node.url(), key, Http.LONG_PATIENCE), new HashSet<>());
    }

    @Test
    void aBudgetHoldsForAllTogetherAndNoCallOfAKilledNodeIsLostOrCountedTwice() throws Exception {
        Trio nodes = three();
        Tollgate first = nodes.first();
        Tollgate second = nodes.second();
        Tollgate doomed = nodes.doomed();
        String rich = done(second, "/key/generate", "{\"max_budget\": 1.0}").getString("key");
        Set<String> answered = ConcurrentHashMap.newKeySet();
        List<Integer> ends = untilRefused(nodes.all(), rich, answered, () -> {
            await().atMost(SOON).until(() -> sum(rows(first, rich)).compareTo(new BigDecimal("0.3")) > 0);
            doomed.kill();
        });
        assertThat(ends)
                .filteredOn(status -> status != 0)
                .hasSizeGreaterThanOrEqualTo(2 * CALLERS)
                .containsOnly(422);
        assertThat(sum(rows(first, rich))).isLessThanOrEqualTo(BigDecimal.ONE);
        Tollgate back = node("doomed", Nodes.freePort(), nodes.port());
        await().atMost(SOON).until(() -> Nodes.seenBy(back) == 3);
        await().atMost(SOON).untilAsserted(() -> {
            Map<String, BigDecimal> rows = rows(first, rich);
            assertThat(rows.keySet()).containsAll(answered);
            assertThat(rows(second, rich)).isEqualTo(rows);
            assertThat(rows(back, rich)).isEqualTo(rows);
        });
        Map<String, BigDecimal> rows = rows(back, rich);
        // Of each caller of the killed node one call may be written down whose answer did not leave any more.
        assertThat(rows).hasSizeLessThanOrEqualTo(answered.size() + CALLERS);
        assertThat(sum(rows)).isBetween(new BigDecimal("0.95"), BigDecimal.ONE);
        for (Tollgate node : List.of(first, second, back)) {
            assertThat(spend(node, rich)).isEqualTo(sum(rows).doubleValue());
        }
        done(first, "/key/" + rich + "/reset_spend", "{\"reset_to\": 0}");
        await().atMost(SOON).until(() -> paid(back, rich) == 200);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void whatANodeSpentIsKnownToTheOthersThoughItsDiskIsLostAndTheyAreStartedAnew() throws Exception {
        Trio nodes = three();
        String key =
                done(nodes.first(), "/key/generate", "{\"max_budget\": 0.05}").getString("key");
        Set<String> answered = ConcurrentHashMap.newKeySet();
        assertThat(untilRefused(List.of(nodes.doomed()), key, answered, () -> {}))
                .containsOnly(422);
        for (Tollgate node : nodes.all()) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(rows(node, key).keySet()).isEqualTo(answered));
        }
        Map<String, BigDecimal> spent = rows(nodes.first(), key);
        nodes.all().forEach(Tollgate::kill);
        delete(folder.resolve("doomed").resolve("data"));
        int port = Nodes.freePort();
        Tollgate first = node("first", port, 0);
        Tollgate second = node("second", Nodes.freePort(), port);
        await().atMost(SOON).until(() -> Nodes.seenBy(first) == 2 && Nodes.seenBy(second) == 2);
        assertThat(paid(second, key)).isEqualTo(422);
        assertThat(paid(first, key)).isEqualTo(422);
        assertThat(rows(second, key)).isEqualTo(spent);
        assertThat(spend(first, key)).isEqualTo(sum(spent).doubleValue());
    }
}
