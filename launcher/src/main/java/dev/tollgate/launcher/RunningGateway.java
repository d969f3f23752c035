package dev.tollgate.launcher;

import dev.tollgate.protocol.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code --health} and {@code --test}: asks a gateway that runs already. Each ends with 0 when it is well, else with 1. */
final class RunningGateway {
    /** A probe waits for the slowest model. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final String base;
    private final @Nullable Secret key;
    private final PrintWriter out;

    /** Talks to the gateway at this URL with this key. */
    RunningGateway(String base, @Nullable Secret key, PrintWriter out) {
        this.base = base;
        this.key = key;
        this.out = out;
    }

    private record Reply(int status, String text) {
        boolean good() {
            return status < 400;
        }

        JsonObject json() throws IOException {
            try {
                return new JsonObject(text);
            } catch (DecodeException e) {
                throw new IOException("the answer is no JSON: " + text, e);
            }
        }
    }

    /** Prints every model's health. Well: at least one is, or there are none. */
    int health() {
        try {
            Reply reply = ask("/health", null);
            out.println(reply.text());
            out.flush();
            if (!reply.good()) {
                return 1;
            }
            JsonObject health = reply.json();
            return health.getInteger("healthy_count", 0) == 0 && health.getInteger("unhealthy_count", 0) > 0 ? 1 : 0;
        } catch (IOException e) {
            return nobody(e);
        }
    }

    /** Sends a chat to the model of this name, else to the first that the gateway lists, and prints the answer. */
    int test(@Nullable String named) {
        try {
            String model = named != null ? named : first();
            if (model == null) {
                out.println("The gateway at " + base + " lists no model to test; name one with --model");
                out.flush();
                return 1;
            }
            JsonObject chat = new JsonObject()
                    .put("model", model)
                    .put(
                            "messages",
                            new JsonArray()
                                    .add(new JsonObject()
                                            .put("role", "user")
                                            .put("content", "this is a test request")));
            Reply reply = ask("/v1/chat/completions", chat);
            out.println(reply.text());
            out.flush();
            return reply.good() ? 0 : 1;
        } catch (IOException e) {
            return nobody(e);
        }
    }

    /** The first model with a name of its own; a wildcard is none. */
    private @Nullable String first() throws IOException {
        Reply reply = ask("/v1/models", null);
        if (!reply.good()) {
            throw new IOException("asked for its models, it says " + reply.text());
        }
        for (Object model : reply.json().getJsonArray("data", new JsonArray())) {
            String id = model instanceof JsonObject object ? object.getString("id") : null;
            if (id != null && !id.contains("*")) {
                return id;
            }
        }
        return null;
    }

    private int nobody(IOException problem) {
        out.println("No gateway answers at " + base + ": " + problem.getMessage());
        out.flush();
        return 1;
    }

    private Reply ask(String path, @Nullable JsonObject body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(base + path).toURL().openConnection();
        connection.setConnectTimeout(5_000);
        connection.setReadTimeout((int) PATIENCE.toMillis());
        if (key != null) {
            connection.setRequestProperty("Authorization", "Bearer " + key.reveal());
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.encode().getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Reply(status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
