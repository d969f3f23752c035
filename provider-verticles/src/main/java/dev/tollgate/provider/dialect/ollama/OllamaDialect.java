package dev.tollgate.provider.dialect.ollama;

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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ollama's own API (Ollama documentation, "API"): {@code /api/chat} for both prefixes, since {@code /api/generate} would need each
 * model's prompt template here, and the server already has it; {@code /api/embed} for vectors.
 */
public final class OllamaDialect implements Dialect {
    private final ChatCodec chat = new OllamaChatCodec();
    private final EmbeddingCodec embeddings = new OllamaEmbeddings();

    @Override
    public Set<Surface> speaks() {
        return Set.of();
    }

    @Override
    public Endpoint endpoint(Deployment deployment, Surface surface, boolean stream, Map<String, String> forwarded) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (deployment.apiKey() != null) {
            headers.put("authorization", "Bearer " + deployment.apiKey().reveal());
        }
        headers.putAll(deployment.extraHeaders());
        return new Endpoint(
                root(deployment.apiBase()) + (surface == Surface.EMBEDDINGS ? "/api/embed" : "/api/chat"), headers);
    }

    /** People copy the address of the OpenAI-shaped door, or of the API itself. */
    private static String root(String base) {
        for (String ending : new String[] {"/v1", "/api/chat", "/api/generate", "/api"}) {
            if (base.endsWith(ending)) {
                return base.substring(0, base.length() - ending.length());
            }
        }
        return base;
    }

    @Override
    public ChatCodec chat() {
        return chat;
    }

    @Override
    public EmbeddingCodec embeddings() {
        return embeddings;
    }

    /** What an answer says went wrong, or null: Ollama says it in a string, proxies before it in an object. */
    static @Nullable String error(JsonNode answer) {
        JsonNode error = answer.path("error");
        if (error.isObject()) {
            String message = Json.text(error, "message");
            return message == null ? error.toString() : message;
        }
        return error.isTextual() ? error.textValue() : null;
    }

    @Override
    public Failure failure(String provider, int status, MultiMap headers, Buffer body) {
        String message = null;
        try {
            message = error(Json.readObject(body));
        } catch (BadPayload _) {
            // A proxy before Ollama answers what it likes.
        }
        return ErrorReader.failure(
                provider, status, message == null ? "The upstream answered " + status : message, null, null, headers);
    }
}
