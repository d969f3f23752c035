package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes on one PostgreSQL, of which one is lost with its disk before it could store anything. */
class OutboxIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = "sk-master-of-nodes";
    private static final String CONFIG = """
            model_list:
              - {model_name: cheap, litellm_params: {model: echo/x, input_cost_per_token: 0.001, output_cost_per_token: 0.001}}
            litellm_settings: {max_budget: 1000000}
            general_settings: {master_key: %s}
            """.formatted(KEY);

    @TempDir
    Path folder;

    /** A way to a server that can be cut. */
    private static final class Cable implements AutoCloseable {
        private final Vertx vertx = Vertx.vertx();
        private final List<NetSocket> open = new CopyOnWriteArrayList<>();
        private final NetServer server;

        Cable(int to) {
            server = vertx.createNetServer()
                    .connectHandler(near -> {
                        near.pause();
                        open.add(near);
                        vertx.createNetClient()
                                .connect(to, "127.0.0.1")
                                .onSuccess(far -> {
                                    near.pipeTo(far);
                                    far.pipeTo(near);
                                })
                                .onFailure(_ -> near.close());
                    })
                    .listen(0, "127.0.0.1")
                    .await();
        }

        int port() {
            return server.actualPort();
        }

        void cut() {
            server.close().await();
            open.forEach(NetSocket::close);
        }

        @Override
        public void close() {
            vertx.close().await();
        }
    }

    private Tollgate node(String name, int port, int join, String database) throws Exception {
        return Nodes.node(folder.resolve(name), port, join)
                .env("DATABASE_URL", database)
                .config(CONFIG)
                .start();
    }

    private static double metric(Tollgate node, String name) {
        try {
            Matcher found = Pattern.compile("(?m)^" + name + " (\\S+)$")
                    .matcher(new Http(node.url(), KEY).get("/metrics").body());
            return found.find() ? Double.parseDouble(found.group(1)) : -1;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Calls until the node is gone. An answer that came at once did not leave by the limit, so it has a copy. */
    private static void call(Tollgate node, Set<String> answered) {
        Http http = new Http(node.url(), KEY);
        while (true) {
            try {
                long began = System.nanoTime();
                HttpResponse<String> response = http.post("/v1/chat/completions", Http.chat("cheap"));
                if (response.statusCode() == 200 && System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(200)) {
                    answered.add(
                            response.headers().firstValue("x-litellm-call-id").orElseThrow());
                }
            } catch (IOException | InterruptedException _) {
                return;
            }
        }
    }

    private static Set<String> stored(Tollgate node) {
        try {
            Set<String> ids = new HashSet<>();
            HttpResponse<String> rows = new Http(node.url(), KEY).get("/spend/logs?limit=1000000");
            for (Object row : new JsonArray(rows.body())) {
                assertThat(ids.add(((JsonObject) row).getString("request_id")))
                        .as("each once")
                        .isTrue();
            }
            return ids;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    @Test
    void whatANodeAnsweredIsInTheStoreOnceAlthoughItDiedWithItsDisk() throws Exception {
        int port = Nodes.freePort();
        Set<String> answered = ConcurrentHashMap.newKeySet();
        try (Postgres postgres = Postgres.start();
                Cable cable = new Cable(Integer.parseInt(postgres.url().replaceAll(".*:(\\d+)/.*", "$1")));
                Tollgate first = node("first", port, 0, postgres.url());
                Tollgate second = node("second", Nodes.freePort(), port, postgres.url());
                Tollgate doomed = node(
                        "doomed",
                        Nodes.freePort(),
                        port,
                        postgres.url().replaceAll(":\\d+/", ":" + cable.port() + "/"))) {
            await().atMost(SOON)
                    .until(() -> Nodes.seenBy(first) == 3 && Nodes.seenBy(second) == 3 && Nodes.seenBy(doomed) == 3);
            Http warm = new Http(doomed.url(), KEY);
            await().atMost(SOON).until(() -> {
                warm.post("/v1/chat/completions", Http.chat("cheap"));
                return metric(doomed, "tollgate_outbox_copied_total") > 0;
            });
            Set<String> before = stored(first);
            cable.cut();
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 8; i++) {
                    callers.execute(() -> call(doomed, answered));
                }
                await().atMost(SOON).until(() -> answered.size() > 300);
                assertThat(stored(first)).as("it cannot store anything itself").doesNotContainAnyElementsOf(answered);
                doomed.kill();
            }
            delete(folder.resolve("doomed").resolve("data"));
            await().atMost(SOON).untilAsserted(() -> assertThat(stored(second)).containsAll(answered));
            assertThat(stored(first)).hasSizeGreaterThan(before.size() + 300);
            postgres.sql("""
                    DO $$ BEGIN
                      IF (SELECT sum(spend_nanos) FROM tollgate.spend)
                          IS DISTINCT FROM (SELECT sum(spend_nanos) FROM tollgate.balances WHERE kind = 'global') THEN
                        RAISE EXCEPTION 'balances are not the sum of rows';
                      END IF;
                    END $$
                    """);
            assertThat(String.join("\n", second.lines()) + String.join("\n", first.lines()))
                    .contains("What nodes had not stored that are gone is stored");
        }
    }
}
