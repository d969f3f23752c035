package dev.tollgate.bench;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Whoever sets a gateway up and waits for it: one request at a time. */
final class Admin implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Peer gateway;

    Admin(Peer gateway) {
        this.gateway = gateway;
    }

    /** Makes something by the admin API; what was answered. */
    JsonObject make(String path, JsonObject body) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(post(path, Stand.KEY, body.encode()), text());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return new JsonObject(answer.body());
    }

    /** Waits until a chat of that key is answered. */
    void awaitAnswer(String key) throws IOException, InterruptedException {
        await(post("/v1/chat/completions", key, Load.chat("").toString()), _ -> true);
    }

    /** Waits until it is ready and says so in such words. */
    void awaitReady(Predicate<String> words) throws IOException, InterruptedException {
        await(request("/health/readiness", Stand.KEY).build(), words);
    }

    private void await(HttpRequest request, Predicate<String> words) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        String last = "nothing";
        while (System.nanoTime() < deadline && gateway.process().isAlive()) {
            try {
                HttpResponse<String> answer = client.send(request, text());
                if (answer.statusCode() == 200 && words.test(answer.body())) {
                    return;
                }
                last = answer.statusCode() + " " + answer.body();
            } catch (IOException _) {
                // It does not listen yet.
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IllegalStateException("%s did not become ready; it answered %s and said:%n%s"
                .formatted(gateway.name(), last, Files.readString(gateway.log())));
    }

    private HttpRequest post(String path, String key, String body) {
        return request(path, key)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(URI.create(gateway.url()).resolve(path))
                .timeout(Duration.ofSeconds(60))
                .header("authorization", "Bearer " + key);
    }

    private static HttpResponse.BodyHandler<String> text() {
        return HttpResponse.BodyHandlers.ofString();
    }

    @Override
    public void close() {
        client.close();
    }
}
