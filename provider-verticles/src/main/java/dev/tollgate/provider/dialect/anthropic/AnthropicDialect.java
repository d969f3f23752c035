package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.Endpoint;
import dev.tollgate.provider.wire.ErrorReader;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Anthropic's Messages API (API reference, "Messages"): its own surface goes through as bytes, chat is translated. */
public final class AnthropicDialect implements Dialect {
    private static final String VERSION = "2023-06-01";
    private static final String BETA = "anthropic-beta";

    /** Demanded with the tokens of a Claude subscription, which are no API keys. */
    private static final String OAUTH = "oauth-2025-04-20";

    private final ChatCodec chat = new AnthropicChatCodec();

    @Override
    public Set<Surface> speaks() {
        return Set.of(Surface.MESSAGES, Surface.COUNT_TOKENS);
    }

    @Override
    public Endpoint endpoint(Deployment deployment, Surface surface, boolean stream, Map<String, String> forwarded) {
        Map<String, String> headers = new LinkedHashMap<>();
        Set<String> betas = new LinkedHashSet<>();
        if (deployment.apiKey() != null) {
            String key = deployment.apiKey().reveal();
            if (key.startsWith("sk-ant-oat")) {
                headers.put("authorization", "Bearer " + key);
                betas.add(OAUTH);
            } else {
                headers.put("x-api-key", key);
            }
        }
        headers.put("anthropic-version", VERSION);
        add(deployment.extraHeaders(), headers, betas);
        add(forwarded, headers, betas);
        if (!betas.isEmpty()) {
            headers.put(BETA, String.join(",", betas));
        }
        String base = deployment.apiBase();
        String root = base.endsWith("/v1") ? base.substring(0, base.length() - 3) : base;
        return new Endpoint(
                root + (surface == Surface.COUNT_TOKENS ? "/v1/messages/count_tokens" : "/v1/messages"), headers);
    }

    /** Later headers win, but for the betas: what the deployment needs and what the client asks for are both wanted. */
    private static void add(Map<String, String> given, Map<String, String> headers, Set<String> betas) {
        given.forEach((name, value) -> {
            if (name.equalsIgnoreCase(BETA)) {
                Arrays.stream(value.split(","))
                        .map(String::strip)
                        .filter(beta -> !beta.isEmpty())
                        .forEach(betas::add);
            } else {
                headers.put(name.toLowerCase(Locale.ROOT), value);
            }
        });
    }

    @Override
    public ChatCodec chat() {
        return chat;
    }

    @Override
    public Failure failure(String provider, int status, MultiMap headers, Buffer body) {
        try {
            JsonNode error = Json.read(body.toString()).path("error");
            String message = Json.text(error, "message");
            return ErrorReader.failure(
                    provider,
                    status,
                    message == null ? "The upstream answered " + status : message,
                    Json.text(error, "type"),
                    null,
                    headers);
        } catch (BadPayload _) {
            return ErrorReader.failure(provider, status, "The upstream answered " + status, null, null, headers);
        }
    }

    /** The failure that an {@code error} event inside a stream reports. */
    static Failure inStream(JsonNode error) {
        String type = error.path("type").asText("");
        int status = switch (type) {
            case "invalid_request_error" -> 400;
            case "authentication_error" -> 401;
            case "billing_error" -> 402;
            case "permission_error" -> 403;
            case "not_found_error" -> 404;
            case "request_too_large" -> 413;
            case "rate_limit_error" -> 429;
            case "timeout_error" -> 504;
            case "overloaded_error" -> 529;
            default -> 500;
        };
        return ErrorReader.failure(
                "anthropic",
                status,
                error.path("message").asText("The upstream reported an error"),
                type,
                null,
                MultiMap.caseInsensitiveMultiMap());
    }
}
