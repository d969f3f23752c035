package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Json;

/**
 * {@code usageMetadata}. Google counts thoughts and tool prompts beside, not inside, the candidates and the prompt; ours are
 * totals.
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
        return new Usage(
                Json.number(usage, "promptTokenCount") + Json.number(usage, "toolUsePromptTokenCount"),
                Json.number(usage, "cachedContentTokenCount"),
                0,
                0,
                audio(usage.path("promptTokensDetails")),
                Json.number(usage, "candidatesTokenCount") + thoughts,
                thoughts,
                audio(usage.path("candidatesTokensDetails")),
                searches(answer),
                true);
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
        return answer.path("modelVersion").asText("").startsWith("gemini-3") ? queries : Math.min(1, queries);
    }
}
