package dev.tollgate.launcher;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks a local Ollama which models it has; none when nobody answers within a moment. */
final class LocalOllama {
    private static final Duration PATIENCE = Duration.ofMillis(400);

    private LocalOllama() {}

    static List<String> models(String base) {
        List<String> names = new ArrayList<>();
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(base + "/api/tags").toURL().openConnection();
            connection.setConnectTimeout((int) PATIENCE.toMillis());
            connection.setReadTimeout((int) PATIENCE.toMillis());
            try (InputStream in = connection.getInputStream()) {
                JsonArray models = new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .getJsonArray("models", new JsonArray());
                for (Object model : models) {
                    if (model instanceof JsonObject object && object.getString("name") != null) {
                        names.add(object.getString("name"));
                    }
                }
            }
        } catch (IOException | DecodeException | IllegalArgumentException | ClassCastException _) {
            // Nobody there, or not an Ollama: then there are no local models.
            return List.of();
        }
        return names;
    }
}
