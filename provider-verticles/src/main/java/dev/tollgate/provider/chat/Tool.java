package dev.tollgate.provider.chat;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A function the model may call, or a tool that the provider itself runs.
 *
 * @param name its name
 * @param description what it does, or null
 * @param schema JSON schema of its arguments, or null
 * @param strict whether arguments must follow the schema exactly, or null when not said
 * @param cacheControl cache mark, or null
 * @param builtIn the tool's own JSON when the provider runs it (web search …), passed on unchanged to a provider that speaks the
 *     same language; null for a function
 */
public record Tool(
        String name,
        @Nullable String description,
        @Nullable JsonNode schema,
        @Nullable Boolean strict,
        @Nullable JsonNode cacheControl,
        @Nullable JsonNode builtIn) {}
