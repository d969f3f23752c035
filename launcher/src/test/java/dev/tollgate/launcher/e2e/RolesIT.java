package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that clients reach and that has no provider's key, and nodes that talk to providers and that clients cannot reach. */
class RolesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String MASTER = "sk-master-of-roles";
    private static final String PROVIDERS_KEY = "sk-Zonly-for-provider-nodes-75319";
    private static final String CONFIG = """
            model_list:
              - {model_name: gpt, litellm_params: {model: openai/gpt, api_base: "%1$s/v1", api_key: os.environ/PROVIDERS_KEY}}
              - {model_name: hanging, litellm_params: {model: openai/hang1, api_base: "%1$s/v1", api_key: os.environ/PROVIDERS_KEY}}
              - {model_name: hanging, litellm_params: {model: openai/hang2, api_base: "%1$s/v1", api_key: os.environ/PROVIDERS_KEY}}
            router_settings: {num_retries: 3}
            general_settings: {master_key: os.environ/MASTER}
            """;

    @TempDir
    static Path folder;

    private static final List<HttpServerResponse> OPEN = new CopyOnWriteArrayList<>();
    private static final AtomicInteger CLOSED = new AtomicInteger();
    private static Upstream upstream;
    private static Tollgate front;
    private static Http http;
    private static int port;

    private static Tollgate.Setup node(String name, int own) throws Exception {
        return new Tollgate.Setup(Files.createDirectories(folder.resolve(name)))
                .jvm("-Xmx160m")
                .env("TOLLGATE_CLUSTER_HOST", "127.0.0.1")
                .env("TOLLGATE_CLUSTER_PORT", Integer.toString(own))
                .env("TOLLGATE_CLUSTER_BUS_PORT", Integer.toString(Nodes.freePort()))
                .env("TOLLGATE_CLUSTER_SECRET", "hush")
                .config(CONFIG.formatted(upstream.url()));
    }

    private static Tollgate provider(String name, int health, int unused) throws Exception {
        return node(name, Nodes.freePort())
                .env("PROVIDERS_KEY", PROVIDERS_KEY)
                .env("TOLLGATE_HEALTH_PORT", Integer.toString(health))
                .flags("--roles", "provider", "--join", "127.0.0.1:" + port, "--port", Integer.toString(unused))
                .start();
    }

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering((asked, response, vertx) -> {
            if (asked.body().getString("model").startsWith("hang")) {
                hang(asked.body(), response);
            } else {
                Scripts.openAi("afar").answer(asked, response, vertx);
            }
        });
        port = Nodes.freePort();
        front = node("front", port)
                .env("MASTER", MASTER)
                .env("TOLLGATE_ROLES", "gateway,router,accounting")
                // Two lanes know of each other's calls only a second later.
                .env("NUM_WORKERS", "1")
                .flags("--cluster")
                .start();
        http = new Http(front.url(), MASTER);
    }

    /** The first attempt of a call is never answered to its end; one that is made when {@link #OPEN} holds one is. */
    private static void hang(JsonObject request, HttpServerResponse response) {
        response.closeHandler(_ -> CLOSED.incrementAndGet());
        boolean again = request.encode().contains("again") && !OPEN.isEmpty();
        boolean carriedOn = request.getJsonArray("messages").size() > 1;
        if (request.getBoolean("stream", false)) {
            response.setChunked(true).putHeader("content-type", "text/event-stream");
            String text = carriedOn ? " upon a time." : "Once";
            response.write("data: " + Scripts.chunk(request, new JsonObject().put("content", text), null) + "\n\n");
            if (carriedOn) {
                response.write("data: " + Scripts.chunk(request, new JsonObject(), "stop") + "\n\n");
                response.end("data: [DONE]\n\n");
                return;
            }
        } else if (again) {
            response.end("{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"at last\"},"
                    + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}");
            return;
        }
        OPEN.add(response);
    }

    @AfterAll
    static void stop() {
        front.close();
        upstream.close();
    }

    private static int nodes() throws IOException, InterruptedException {
        return new JsonObject(http.get("/health/readiness").body())
                .getJsonObject("cluster")
                .getInteger("nodes");
    }

    private static boolean ready() throws IOException, InterruptedException {
        return http.get("/health/readiness").statusCode() == 200;
    }

    private static String hanging(String word, boolean stream) {
        return "{\"model\":\"hanging\",\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + word
                + "\"}]}";
    }

    @Test
    void frontsAndProviderNodesShareTheWorkAndTheKeysStayWhereTheyAreNeeded() throws Exception {
        await().atMost(SOON).until(() -> http.get("/health/readiness").body().contains("joined"));
        HttpResponse<String> alone = http.get("/health/readiness");
        assertThat(alone.statusCode()).isEqualTo(503);
        assertThat(alone.body()).contains("\"missing\":\"provider\"");
        HttpResponse<String> refused = http.post("/v1/chat/completions", Http.chat("gpt"));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(Http.errorMessage(refused)).contains("No node of the cluster plays the provider role");

        int health = Nodes.freePort();
        int unused = Nodes.freePort();
        Tollgate first = provider("first", health, unused);
        try (Tollgate second = provider("second", Nodes.freePort(), Nodes.freePort())) {
            await().atMost(SOON).until(() -> nodes() == 3 && ready());
            everySurfaceWorks();
            onlyTheHealthPortListens(health, unused);
            aClientThatGoesClosesTheUpstream();
            keysAreNotOnTheFront(second);
            await().atMost(SOON).until(RolesIT::ready);
            aNodeThatDiesIsReplacedAtOnce(first);
        } finally {
            first.kill();
        }
        await().atMost(SOON).until(() -> !ready());
    }

    private static void everySurfaceWorks() throws Exception {
        assertThat(Http.content(http.post("/v1/chat/completions", Http.chat("gpt"))))
                .isEqualTo("Hello from afar");
        assertThat(upstream.last().headers().get("authorization")).isEqualTo("Bearer " + PROVIDERS_KEY);
        HttpResponse<String> streamed = http.post("/v1/chat/completions", Http.streamedChat("gpt"));
        assertThat(streamed.body()).contains("Hello", " afar").endsWith("data: [DONE]\n\n");
        HttpResponse<String> messages = http.post(
                "/v1/messages",
                "{\"model\":\"gpt\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        assertThat(messages.body()).contains("Hello from afar", "\"output_tokens\":5");
        HttpResponse<String> embedded = http.post("/v1/embeddings", "{\"model\":\"gpt\",\"input\":\"Hi\"}");
        assertThat(embedded.body()).contains("-0.25");
        await().atMost(SOON).until(() -> http.get("/spend/logs").body().contains("\"total_tokens\":17"));
    }

    private static void onlyTheHealthPortListens(int health, int unused) throws Exception {
        Http afar = new Http("http://127.0.0.1:" + health);
        assertThat(afar.get("/health/liveliness").statusCode()).isEqualTo(200);
        await().atMost(SOON).until(() -> afar.get("/health/readiness").statusCode() == 200);
        assertThat(afar.get("/v1/models").statusCode()).isEqualTo(404);
        assertThat(afar.post("/v1/chat/completions", Http.chat("gpt")).statusCode())
                .isEqualTo(404);
        assertThatThrownBy(() -> new Socket("127.0.0.1", unused).close()).isInstanceOf(ConnectException.class);
    }

    private static void aClientThatGoesClosesTheUpstream() throws Exception {
        int closed = CLOSED.get();
        HttpResponse<InputStream> stream = http.client()
                .send(
                        http.posting("/v1/chat/completions", hanging("bye", true)),
                        HttpResponse.BodyHandlers.ofInputStream());
        stream.body().readNBytes(20);
        stream.body().close();
        await().atMost(SOON).until(() -> CLOSED.get() == closed + 1);
        OPEN.clear();
    }

    private static void keysAreNotOnTheFront(Tollgate provider) throws Exception {
        String distinct = PROVIDERS_KEY.substring(3);
        assertThat(Heap.has(folder, provider, distinct)).as("there it must be").isTrue();
        assertThat(Heap.has(folder, front, distinct)).isFalse();
        assertThat(Heap.has(folder, front, "master-of-roles"))
                .as("the search finds what is there")
                .isTrue();
        assertThat(Files.readString(
                        Path.of("/proc", Long.toString(front.process().pid()), "environ"), StandardCharsets.ISO_8859_1))
                .contains(MASTER)
                .doesNotContain(distinct);
    }

    private static CompletableFuture<HttpResponse<String>> asking(String word, boolean stream) {
        return http.client()
                .sendAsync(
                        http.posting("/v1/chat/completions", hanging(word, stream)),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** As many calls of each kind as there are nodes, so that the one that dies has some of them. */
    private static void aNodeThatDiesIsReplacedAtOnce(Tollgate node) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> streams = List.of(asking("s", true), asking("s", true));
        await().atMost(SOON).until(() -> OPEN.size() == 2);
        List<HttpServerResponse> before = List.copyOf(OPEN);
        node.kill();
        await().atMost(SOON).until(() -> streams.stream().anyMatch(CompletableFuture::isDone));

        HttpResponse<String> carriedOn = streams.stream()
                .filter(CompletableFuture::isDone)
                .findFirst()
                .orElseThrow()
                .join();
        assertThat(carriedOn.statusCode()).isEqualTo(200);
        assertThat(carriedOn.body())
                .contains("Once", " upon a time.")
                .doesNotContain("error")
                .endsWith("data: [DONE]\n\n");
        before.stream().filter(each -> !each.closed()).forEach(each -> each.reset());

        CompletableFuture<HttpResponse<String>> whole = asking("again", false);
        assertThat(Http.content(whole.get(60, TimeUnit.SECONDS))).isEqualTo("at last");
    }

    @Test
    void aMixThatDoesNotWorkYetIsRefusedAndSaysWhichDo() throws Exception {
        Tollgate.Ended mix = node("mix", Nodes.freePort())
                .env("MASTER", MASTER)
                .flags("--cluster", "--roles", "gateway,router")
                .run();
        assertThat(mix.exitCode()).isEqualTo(2);
        assertThat(mix.output())
                .contains("a node cannot play gateway,router without the rest", "write gateway,router,accounting");
        Tollgate.Ended alone = new Tollgate.Setup(Files.createDirectories(folder.resolve("alone")))
                .config("model_list: [{model_name: echo, litellm_params: {model: echo/echo}}]")
                .env("TOLLGATE_ROLES", "provider")
                .run();
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.output()).contains("needs others that do");
        Tollgate.Ended without = new Tollgate.Setup(Files.createDirectories(folder.resolve("without")))
                .flags("--roles", "provider", "--cluster")
                .run();
        assertThat(without.exitCode()).isEqualTo(2);
        assertThat(without.output()).contains("needs --config");
    }
}
