package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Json;

/**
 * {@code usageMetadata}. Google counts thoughts and tool prompts beside, not inside, the candidates and the prompt; ours are
 * totals. A few models count thoughts inside the candidates: their total gives them away.
 */
final class GeminiUsage {
    private GeminiUsage() {}

    /** From a whole answer or a streamed one, whose figures so far are totals too. */
    static Usage read(JsonNode answer) {
        JsonNode usage = answer.path("usageMetadata");
        if (!usage.isObject()) {
            return Usage.NONE;
        }
        long thoughts = Json.number(usage, "thoughtsTokenCount");
        long prompt = Json.number(usage, "promptTokenCount");
        long candidates = Json.number(usage, "candidatesTokenCount");
        boolean inside = thoughts <= candidates && Json.number(usage, "totalTokenCount") == prompt + candidates;
        return new Usage(
                prompt + Json.number(usage, "toolUsePromptTokenCount"),
                Json.number(usage, "cachedContentTokenCount"),
                0,
                0,
                heard(usage),
                inside ? candidates : candidates + thoughts,
                thoughts,
                audio(usage.path("candidatesTokensDetails")),
                searches(answer),
                true);
    }

    /** Sound that came from the cache is among the cached tokens, and costs what they cost. */
    private static long heard(JsonNode usage) {
        long fresh = audio(usage.path("promptTokensDetails")) - audio(usage.path("cacheTokensDetails"));
        return Math.max(0, fresh) + audio(usage.path("toolUsePromptTokensDetails"));
    }

    private static long audio(JsonNode details) {
        long tokens = 0;
        for (JsonNode detail : details) {
            if (detail.path("modality").asText("").equals("AUDIO")) {
                tokens += Json.number(detail, "tokenCount");
            }
        }
        return tokens;
    }

    /** Grounding is billed by the query since the third generation, by the prompt before (ai.google.dev, "Pricing"). */
    private static long searches(JsonNode answer) {
        long queries = 0;
        for (JsonNode candidate : answer.path("candidates")) {
            queries +=
                    candidate.path("groundingMetadata").path("webSearchQueries").size();
        }
        return GeminiThinking.generation3(answer.path("modelVersion").asText("")) ? queries : Math.min(1, queries);
    }
}
