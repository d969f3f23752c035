package dev.tollgate.launcher.e2e;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Plain requests, as curl would send them. */
final class Http {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** For calls that wait while nodes come and go. */
    static final Duration LONG_PATIENCE = Duration.ofSeconds(120);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;
    private final String key;
    private final Duration patience;

    Http(String base) {
        this(base, "");
    }

    Http(String base, String key) {
        this(base, key, PATIENCE);
    }

    Http(String base, String key, Duration patience) {
        this.base = base;
        this.key = key;
        this.patience = patience;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(posting(path, body), HttpResponse.BodyHandlers.ofString());
    }

    HttpRequest posting(String path, String body) {
        return request(path)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    HttpClient client() {
        return client;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(patience);
        return key.isEmpty() ? builder : builder.header("authorization", "Bearer " + key);
    }

    /** A chat of one line. */
    static String chat(String model) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }

    static String streamedChat(String model) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }

    /** Text of a whole chat answer. */
    static String content(HttpResponse<String> response) {
        return new JsonObject(response.body())
                .getJsonArray("choices")
                .getJsonObject(0)
                .getJsonObject("message")
                .getString("content");
    }

    static String errorMessage(HttpResponse<String> response) {
        return new JsonObject(response.body()).getJsonObject("error").getString("message");
    }
}
