package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes without a database server, each with a SQLite file. */
class StorelessIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = "sk-master-of-nodes";
    private static final String CONFIG = """
            model_list:
              - {model_name: free, litellm_params: {model: echo/x}}
            general_settings: {master_key: %s}
            """.formatted(KEY);
    private static final String CALL =
            "{\"model\":\"free\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi there\"}]}";

    @TempDir
    Path folder;

    private Tollgate node(String name, int port, int join) throws Exception {
        return Nodes.node(folder.resolve(name), port, join).config(CONFIG).start();
    }

    private static JsonObject done(Tollgate node, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = new Http(node.url(), KEY).post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static int call(Tollgate node, String key) throws IOException, InterruptedException {
        return new Http(node.url(), key).post("/v1/chat/completions", CALL).statusCode();
    }

    @Test
    void aKeyOfOneIsAKeyOfAllAndOneThatWasDeletedStaysSoWhenAKilledNodeComesBack() throws Exception {
        int port = Nodes.freePort();
        try (Tollgate first = node("first", port, 0);
                Tollgate second = node("second", Nodes.freePort(), port);
                Tollgate doomed = node("doomed", Nodes.freePort(), port)) {
            List<Tollgate> all = List.of(first, second, doomed);
            await().atMost(SOON).until(() -> all.stream().allMatch(node -> Nodes.seenBy(node) == 3));
            String kept = done(first, "/key/generate", "{}").getString("key");
            String deleted = done(second, "/key/generate", "{}").getString("key");
            for (Tollgate node : all) {
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
            try (Tollgate back = node("doomed", Nodes.freePort(), port)) {
                await().atMost(SOON).until(() -> call(back, fresh) == 200);
                await().atMost(SOON).until(() -> call(back, deleted) == 401);
                await().atMost(SOON).until(() -> call(back, kept) != 200);
            }
        }
    }
}
