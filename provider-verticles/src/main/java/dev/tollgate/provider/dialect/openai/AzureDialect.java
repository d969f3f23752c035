package dev.tollgate.provider.dialect.openai;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.Endpoint;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Azure OpenAI: OpenAI's bodies at a URL that names the deployment, with {@code api-key} instead of a bearer token (Azure OpenAI
 * REST reference, data plane). A base that ends in {@code /openai/v1} is the newer form, whose paths are OpenAI's own.
 */
public final class AzureDialect implements Dialect {
    private static final String DEFAULT_VERSION = "2024-10-21";

    private final ChatCodec chat = new OpenAiChatCodec();

    @Override
    public Set<Surface> speaks() {
        return Set.of(Surface.CHAT, Surface.COMPLETIONS, Surface.EMBEDDINGS);
    }

    @Override
    public Endpoint endpoint(Deployment deployment, Surface surface, boolean stream, Map<String, String> forwarded) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (deployment.apiKey() != null) {
            headers.put("api-key", deployment.apiKey().reveal());
        }
        headers.putAll(deployment.extraHeaders());
        String base = deployment.apiBase();
        if (base.endsWith("/openai/v1")) {
            return new Endpoint(base + OpenAiDialect.path(surface), headers);
        }
        String version = deployment.apiVersion() == null ? DEFAULT_VERSION : deployment.apiVersion();
        return new Endpoint(
                base + "/openai/deployments/" + escaped(deployment.upstreamModel()) + OpenAiDialect.path(surface)
                        + "?api-version=" + escaped(version),
                headers);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
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
