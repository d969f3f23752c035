package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Failure;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ErrorReader;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Reads the error answers of OpenAI and of those who copy it more or less: {@code {error:{message,code,param}}}, {@code {error:"…"}}, {@code {detail}}, {@code {message}}, or no JSON at all. */
final class OpenAiErrors {
    private OpenAiErrors() {}

    static Failure failure(String provider, int status, MultiMap headers, Buffer body) {
        JsonNode root;
        try {
            root = Json.read(body.toString());
        } catch (BadPayload _) {
            String text = body.toString().strip();
            return ErrorReader.failure(
                    provider,
                    status,
                    text.isEmpty() || text.startsWith("<") ? "The upstream answered " + status : text,
                    null,
                    null,
                    headers);
        }
        JsonNode error = (root.isArray() && root.size() == 1 ? root.get(0) : root);
        if (error.hasNonNull("error")) {
            error = error.get("error");
        }
        return ErrorReader.failure(
                provider,
                status,
                message(error, status),
                scalar(error.get("code")),
                Json.text(error, "param"),
                headers);
    }

    /** The failure that an event inside a stream reports. */
    static Failure inStream(JsonNode error) {
        int status = error.path("code").asInt(error.path("status").asInt(500));
        return ErrorReader.failure(
                "upstream",
                status >= 400 && status < 600 ? status : 500,
                message(error, 500),
                scalar(error.get("code")),
                Json.text(error, "param"),
                MultiMap.caseInsensitiveMultiMap());
    }

    private static String message(JsonNode error, int status) {
        if (error.isTextual()) {
            return error.textValue();
        }
        for (String name : new String[] {"message", "detail", "error_description", "msg", "error"}) {
            JsonNode value = error.get(name);
            if (value != null && !value.isNull()) {
                return value.isTextual() ? value.textValue() : value.toString();
            }
        }
        return error.isEmpty() ? "The upstream answered " + status : error.toString();
    }

    private static @Nullable String scalar(@Nullable JsonNode value) {
        return value == null || value.isNull() || value.isContainerNode() ? null : value.asText();
    }
}
