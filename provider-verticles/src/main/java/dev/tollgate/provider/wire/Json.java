package dev.tollgate.provider.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Trees of JSON, for translation only: what passes as bytes never becomes one. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** A text as JSON, with its quotation marks. Most names need no escapes, and an encoder costs more than looking. */
    public static String quoted(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return JsonNodeFactory.instance.textNode(text).toString();
            }
        }
        return '"' + text + '"';
    }

    /** A new empty object. */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * Reads an object.
     *
     * @throws BadPayload when it is not one
     */
    public static ObjectNode readObject(Buffer bytes) {
        try {
            if (MAPPER.readTree(bytes.getBytes()) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new BadPayload("not valid JSON: " + reason(e));
        }
        throw new BadPayload("not a JSON object");
    }

    /**
     * Reads any JSON text.
     *
     * @throws BadPayload when it is none
     */
    public static JsonNode read(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new BadPayload("not valid JSON: " + reason(e));
        }
    }

    /** Reads a text that should be an object; one that is not comes back as an object holding it, because models make mistakes. */
    public static ObjectNode readArguments(String text) {
        if (text.isBlank()) {
            return object();
        }
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException _) {
            // Falls through: the text is kept as it is.
        }
        return object().put("arguments", text);
    }

    /** The tree as compact JSON. */
    public static Buffer write(JsonNode tree) {
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(tree));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can always be written", e);
        }
    }

    /** A string member, or null when it is absent or something else. */
    public static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    /** A number member, or 0. */
    public static long number(JsonNode node, String name) {
        return node.path(name).asLong(0);
    }

    /** A list of numbers as a vector. */
    public static float[] floats(JsonNode list) {
        float[] vector = new float[list.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = list.get(i).floatValue();
        }
        return vector;
    }

    /** Whether a member is there and not null. */
    public static boolean has(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value != null && !value.isNull();
    }

    private static String reason(IOException e) {
        return e instanceof JsonProcessingException json ? json.getOriginalMessage() : String.valueOf(e.getMessage());
    }
}
