package dev.tollgate.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provider as a row of {@code providers.csv}: what a model prefix such as {@code groq/} stands for.
 *
 * @param name the prefix, without the slash
 * @param dialect which wire dialect it speaks: {@code openai}, {@code azure}, {@code anthropic}, {@code gemini}, {@code ollama}, {@code echo}
 * @param baseUrl default base URL, or null when the user must give {@code api_base}
 * @param keyVariables environment variables that may hold the key, first set wins
 * @param baseVariables environment variables that may hold another base URL, first set wins
 * @param needsKey whether a call without a key cannot succeed at the default base URL
 * @param renameMaxTokens whether {@code max_completion_tokens} must be sent as {@code max_tokens}
 * @param asksForStreamUsage whether its streams report usage only when {@code stream_options.include_usage} asks for it; false for
 *     providers that refuse the option
 * @param headers extra request headers as {@code name: value} lines; <code>{api_key}</code> stands for the key
 */
public record Provider(
        String name,
        String dialect,
        @Nullable String baseUrl,
        List<String> keyVariables,
        List<String> baseVariables,
        boolean needsKey,
        boolean renameMaxTokens,
        boolean asksForStreamUsage,
        List<String> headers) {
    public Provider {
        keyVariables = List.copyOf(keyVariables);
        baseVariables = List.copyOf(baseVariables);
        headers = List.copyOf(headers);
    }
}
