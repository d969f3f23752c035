package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.EmbeddingCodec;
import dev.tollgate.provider.wire.Endpoint;
import dev.tollgate.provider.wire.ErrorReader;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Google's Gemini API (ai.google.dev, "Generating content", v1beta): every surface is translated. */
public final class GeminiDialect implements Dialect {
    private static final String VERSION = "/v1beta";
    private static final String MODELS = "models/";
    private static final String TUNED = "tunedModels/";

    private final ChatCodec chat = new GeminiChatCodec();
    private final EmbeddingCodec embeddings = new GeminiEmbeddings();

    @Override
    public Set<Surface> speaks() {
        return Set.of();
    }

    @Override
    public Endpoint endpoint(Deployment deployment, Surface surface, boolean stream, Map<String, String> forwarded) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (deployment.apiKey() != null) {
            headers.put("x-goog-api-key", deployment.apiKey().reveal());
        }
        headers.putAll(deployment.extraHeaders());
        String base = deployment.apiBase();
        String root = base.matches(".*/v1(beta|alpha)?$") ? base : base + VERSION;
        return new Endpoint(root + "/" + resource(deployment) + action(surface, stream), headers);
    }

    private static String action(Surface surface, boolean stream) {
        return switch (surface) {
            case EMBEDDINGS -> ":batchEmbedContents";
            case CHAT, COMPLETIONS, MESSAGES, COUNT_TOKENS ->
                stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
        };
    }

    /** {@code models/NAME} or {@code tunedModels/NAME}. Under a wildcard the client chooses the name: it stays one path segment. */
    static String resource(Deployment deployment) {
        String model = deployment.upstreamModel();
        String collection = model.startsWith(TUNED) ? TUNED : MODELS;
        String name = model.startsWith(collection) ? model.substring(collection.length()) : model;
        return collection + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    @Override
    public ChatCodec chat() {
        return chat;
    }

    @Override
    public EmbeddingCodec embeddings() {
        return embeddings;
    }

    @Override
    public Failure failure(String provider, int status, MultiMap headers, Buffer body) {
        try {
            JsonNode root = Json.read(body.toString());
            // Without alt=sse a stream's error comes in a list.
            return failure(provider, status, headers, (root.isArray() ? root.path(0) : root).path("error"));
        } catch (BadPayload _) {
            return ErrorReader.failure(provider, status, "The upstream answered " + status, null, null, headers);
        }
    }

    /** The failure in an {@code error} object ({@code google.rpc.Status}). */
    static Failure failure(String provider, int status, MultiMap headers, JsonNode error) {
        String message = Json.text(error, "message");
        MultiMap hints = MultiMap.caseInsensitiveMultiMap().addAll(headers);
        int meant = status;
        for (JsonNode detail : error.path("details")) {
            // A wrong key comes as 400; retries and cooldowns must know it for what it is.
            if (detail.path("reason").asText("").equals("API_KEY_INVALID")) {
                meant = 401;
            }
            String delay = Json.text(detail, "retryDelay");
            if (delay != null && delay.endsWith("s") && !hints.contains("retry-after")) {
                hints.set("retry-after", delay.substring(0, delay.length() - 1));
            }
        }
        return ErrorReader.failure(
                provider,
                meant,
                message == null ? "The upstream answered " + status : message,
                Json.text(error, "status"),
                null,
                hints);
    }
}
