package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies that no one should send, and too many of the big ones at once. */
class BadInputIT {
    private static final int MANY = 200;

    @TempDir
    static Path folder;

    private static Upstream upstream;
    private static Tollgate tollgate;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering(Scripts.openAi("OpenAI"));
        tollgate = new Tollgate.Setup(folder)
                .config("""
                        model_list:
                          - model_name: gpt
                            litellm_params: {model: openai/gpt-4o, api_base: "%s/v1", api_key: x}
                        general_settings: {max_request_size_mb: 2}
                        """.formatted(upstream.url()))
                .jvm("-Xmx256m")
                .start();
        http = new Http(tollgate.url());
    }

    @AfterAll
    static void stop() {
        tollgate.close();
        upstream.close();
    }

    record Bad(String what, String body, int status) {
        @Override
        public String toString() {
            return what;
        }
    }

    static List<Bad> bad() {
        return List.of(
                new Bad("nothing", "", 400),
                new Bad("no JSON", "hello", 400),
                new Bad("half JSON", "{\"model\":\"gpt\",", 400),
                new Bad("a list", "[]", 400),
                new Bad("a string", "\"gpt\"", 400),
                new Bad(
                        "nested too deep",
                        "{\"model\":\"gpt\",\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                        400),
                new Bad("no model", "{\"messages\":[]}", 400),
                new Bad("model is a number", "{\"model\":5,\"messages\":[]}", 400),
                new Bad("unknown model", "{\"model\":\"gtp\",\"messages\":[]}", 400),
                new Bad("too big", "{\"model\":\"gpt\",\"x\":\"" + "x".repeat(2 * 1024 * 1024 + 1) + "\"}", 413));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void everyBadBodyGetsItsSurfacesError(Bad bad) throws Exception {
        HttpResponse<String> openAi = http.post("/v1/chat/completions", bad.body());
        assertThat(openAi.statusCode()).as(openAi.body()).isEqualTo(bad.status());
        assertThat(new JsonObject(openAi.body()).getJsonObject("error").getString("message"))
                .isNotBlank()
                .doesNotContain("\tat ");

        HttpResponse<String> anthropic = http.post("/v1/messages", bad.body());
        assertThat(anthropic.statusCode()).as(anthropic.body()).isEqualTo(bad.status());
        assertThat(new JsonObject(anthropic.body()).getString("type")).isEqualTo("error");
    }

    @Test
    void aClientThatSendsHalfARequestAndLeavesDoesNoHarm() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", tollgate.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{\"model\""
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        assertThat(http.post("/v1/chat/completions", Http.chat("gpt")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void nonsenseInsteadOfHttpIsRefused() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", tollgate.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("this is not http\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).matches("(?s)HTTP/1\\.[01] 400 .*");
        }
    }

    @Test
    void chunkedBodiesAreServedInTheirTurn() {
        byte[] body = ("{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(1024 * 1024)
                        + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            HttpRequest chunked = HttpRequest.newBuilder(URI.create(tollgate.url() + "/v1/chat/completions"))
                    .timeout(Duration.ofSeconds(60))
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                    .build();
            calls.add(http.client().sendAsync(chunked, HttpResponse.BodyHandlers.ofString()));
        }

        assertThat(calls)
                .allSatisfy(call -> assertThat(call.join().statusCode()).isEqualTo(200));
    }

    @Test
    void aWrongMethodIsSaidAsOne() throws Exception {
        assertThat(http.get("/v1/chat/completions").statusCode()).isEqualTo(405);
        assertThat(http.get("/no/such/path").statusCode()).isEqualTo(404);
        assertThat(http.get("/no/such/path").body()).isEqualTo("{\"detail\":\"Not Found\"}");
    }

    @Test
    void withoutAKeyPagesOfOtherSitesAreRefused() throws Exception {
        for (String origin : List.of("https://evil.example", "null", "http://127.0.0.1.evil.example")) {
            assertThat(from(origin).statusCode()).as(origin).isEqualTo(403);
        }
        for (String origin : List.of("http://localhost:3000", "http://127.0.0.1:8080")) {
            assertThat(from(origin).statusCode()).as(origin).isEqualTo(200);
        }
    }

    @Test
    void aNameThatWasMadeToPointHereIsStillForeign() throws Exception {
        assertThat(raw("Host: evil.example\r\nOrigin: http://evil.example\r\n")).startsWith("HTTP/1.1 403");
        assertThat(raw("Host: evil.example\r\nSec-Fetch-Site: cross-site\r\n")).startsWith("HTTP/1.1 403");
        assertThat(raw("Host: 10.0.0.7:4000\r\nOrigin: http://10.0.0.7:4000\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(raw("Host: gateway.internal\r\n")).startsWith("HTTP/1.1 200");
    }

    private static String raw(String headers) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", tollgate.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET /v1/models HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
    }

    private static HttpResponse<String> from(String origin) throws Exception {
        return http.client()
                .send(
                        HttpRequest.newBuilder(URI.create(tollgate.url() + "/v1/models"))
                                .header("origin", origin)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void manyBigBodiesAtOnceAreServedOrRefusedButNeverFatal() {
        String body = "{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(1024 * 1024)
                + "\"}]}";
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        // Each waits for all others, which takes a busy machine a while.
        Http patient = new Http(tollgate.url(), "", Duration.ofMinutes(5));
        for (int i = 0; i < MANY; i++) {
            calls.add(patient.client()
                    .sendAsync(patient.posting("/v1/chat/completions", body), HttpResponse.BodyHandlers.ofString()));
        }

        List<Integer> statuses =
                calls.stream().map(call -> call.join().statusCode()).toList();

        assertThat(statuses).allMatch(status -> status == 200 || status == 429 || status == 503);
        assertThat(statuses).contains(200);
        assertThat(tollgate.process().isAlive()).isTrue();
        assertThat(tollgate.lines()).noneMatch(line -> line.contains("OutOfMemoryError"));
    }
}
