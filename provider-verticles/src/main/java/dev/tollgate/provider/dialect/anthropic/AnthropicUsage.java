package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Json;

/** Anthropic's usage object, whose {@code input_tokens} leave out what was read from or written to the cache; ours are totals. */
final class AnthropicUsage {
    private AnthropicUsage() {}

    /** What {@code usage} says, over what was known before: later events repeat only some members. */
    static Usage read(JsonNode usage, Usage before) {
        if (!usage.isObject()) {
            return before;
        }
        long read = member(usage, "cache_read_input_tokens", before.cacheRead());
        long write = member(usage, "cache_creation_input_tokens", before.cacheWrite());
        long hour = member(usage.path("cache_creation"), "ephemeral_1h_input_tokens", before.cacheWriteHour());
        long plain = member(usage, "input_tokens", before.prompt() - before.cacheRead() - before.cacheWrite());
        long searches = member(usage.path("server_tool_use"), "web_search_requests", before.webSearches());
        return new Usage(
                plain + read + write,
                read,
                write,
                hour,
                0,
                member(usage, "output_tokens", before.completion()),
                0,
                0,
                searches,
                true);
    }

    private static long member(JsonNode node, String name, long otherwise) {
        return node.path(name).isNumber() ? node.get(name).longValue() : otherwise;
    }

    static ObjectNode write(Usage usage) {
        ObjectNode object = Json.object()
                .put("input_tokens", Math.max(0, usage.prompt() - usage.cacheRead() - usage.cacheWrite()))
                .put("cache_creation_input_tokens", usage.cacheWrite())
                .put("cache_read_input_tokens", usage.cacheRead())
                .put("output_tokens", usage.completion());
        if (usage.cacheWrite() > 0) {
            object.putObject("cache_creation")
                    .put("ephemeral_5m_input_tokens", Math.max(0, usage.cacheWrite() - usage.cacheWriteHour()))
                    .put("ephemeral_1h_input_tokens", usage.cacheWriteHour());
        }
        if (usage.webSearches() > 0) {
            object.putObject("server_tool_use").put("web_search_requests", usage.webSearches());
        }
        return object;
    }
}
