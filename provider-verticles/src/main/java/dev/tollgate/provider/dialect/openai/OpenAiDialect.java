package dev.tollgate.provider.dialect.openai;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Secret;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.Endpoint;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** OpenAI's API and every provider that copies it: chat, text completion and embeddings go through as bytes. */
public final class OpenAiDialect implements Dialect {
    private final ChatCodec chat = new OpenAiChatCodec();

    @Override
    public Set<Surface> speaks() {
        return Set.of(Surface.CHAT, Surface.COMPLETIONS, Surface.EMBEDDINGS);
    }

    @Override
    public Endpoint endpoint(Deployment deployment, Surface surface, boolean stream, Map<String, String> forwarded) {
        Map<String, String> headers = new LinkedHashMap<>();
        Secret key = deployment.apiKey();
        if (key != null) {
            headers.put("authorization", "Bearer " + key.reveal());
        }
        if (deployment.organization() != null) {
            headers.put("openai-organization", deployment.organization());
        }
        for (String line : deployment.provider().headers()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).strip(),
                    line.substring(colon + 1).strip().replace("{api_key}", key == null ? "" : key.reveal()));
        }
        headers.putAll(deployment.extraHeaders());
        return new Endpoint(deployment.apiBase() + path(surface), headers);
    }

    static String path(Surface surface) {
        return switch (surface) {
            case COMPLETIONS -> "/completions";
            case EMBEDDINGS -> "/embeddings";
            case CHAT, MESSAGES, COUNT_TOKENS -> "/chat/completions";
        };
    }

    @Override
    public ChatCodec chat() {
        return chat;
    }

    @Override
    public Failure failure(String provider, int status, MultiMap headers, Buffer body) {
        return OpenAiErrors.failure(provider, status, headers, body);
    }
}
