package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Json;

/**
 * {@code usageMetadata}. Google counts thoughts and tool prompts beside, not inside, the candidates and the prompt; ours are
 * totals. A few models count thoughts inside the candidates: their total gives them away.
 */
final class GeminiUsage {
    private static final String GENERATED = "candidatesTokensDetails";

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
                        given(usage, "AUDIO"),
                        inside ? candidates : candidates + thoughts,
                        thoughts,
                        tokens(usage.path(GENERATED), "AUDIO"),
                        searches(answer),
                        true)
                .withPictures(given(usage, "IMAGE"), tokens(usage.path(GENERATED), "IMAGE"));
    }

    /** Sound and pictures that came from the cache are among the cached tokens, and cost what they cost. */
    private static long given(JsonNode usage, String modality) {
        long fresh = tokens(usage.path("promptTokensDetails"), modality)
                - tokens(usage.path("cacheTokensDetails"), modality);
        return Math.max(0, fresh) + tokens(usage.path("toolUsePromptTokensDetails"), modality);
    }

    private static long tokens(JsonNode details, String modality) {
        long tokens = 0;
        for (JsonNode detail : details) {
            if (detail.path("modality").asText("").equals(modality)) {
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
