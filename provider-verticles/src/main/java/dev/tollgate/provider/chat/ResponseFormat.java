package dev.tollgate.provider.chat;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** The shape the answer's text must have. */
public sealed interface ResponseFormat {
    /** Any text. */
    record Text() implements ResponseFormat {}

    /** Any JSON object. */
    record JsonObject() implements ResponseFormat {}

    /**
     * JSON that follows a schema.
     *
     * @param name the schema's name
     * @param schema the schema
     * @param strict whether it must be followed exactly, or null when not said
     */
    record JsonSchema(
            String name, JsonNode schema, @Nullable Boolean strict) implements ResponseFormat {}
}
