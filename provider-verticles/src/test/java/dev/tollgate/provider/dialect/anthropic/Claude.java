package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.Secret;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Deployments for tests, and the way of a chat request to Anthropic. */
final class Claude {
    static final OpenAiChatWire CHAT = new OpenAiChatWire(() -> Instant.ofEpochSecond(7));
    static final String OLD = "claude-3-5-sonnet-20241022";
    static final String BUDGETS = "claude-sonnet-4-5-20250929";

    private static final Provider PROVIDER =
            new Provider("anthropic", "anthropic", null, List.of(), List.of(), true, false, false, List.of());

    private Claude() {}

    static Deployment deployment(String model) {
        return deployment(model, "sk-ant-api", Map.of(), Deployment.Info.NONE);
    }

    static Deployment deployment(String model, String key, Map<String, String> headers, Deployment.Info info) {
        return new Deployment(
                "id",
                "group",
                PROVIDER,
                model,
                "https://api.anthropic.com",
                Secret.of(key),
                null,
                null,
                headers,
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(),
                info,
                null,
                null);
    }

    /** What Anthropic is sent for a body of OpenAI's API. Single quotes stand for double ones. */
    static JsonNode sent(String model, String body) {
        return json(new AnthropicChatCodec().encode(CHAT.read(Json.readObject(buffer(body))), deployment(model)));
    }

    /** The same with a one-word conversation around the given members. */
    static JsonNode sentWith(String model, String members) {
        return sent(
                model, "{'messages':[{'role':'user','content':'Hi'}]" + (members.isEmpty() ? "" : ",") + members + "}");
    }

    static JsonNode json(String text) {
        return Json.read(quoted(text));
    }

    static JsonNode json(Buffer bytes) {
        return Json.read(bytes.toString());
    }

    static Buffer buffer(String text) {
        return Buffer.buffer(quoted(text));
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }
}
