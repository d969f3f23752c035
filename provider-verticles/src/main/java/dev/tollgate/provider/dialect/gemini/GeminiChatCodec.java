package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Canonical chat to and from {@code generateContent}. */
final class GeminiChatCodec implements ChatCodec {

    @Override
    public Buffer encode(ChatRequest request, Deployment deployment) {
        ObjectNode body =
                GeminiContents.write(request.messages(), GeminiThinking.generation3(deployment.upstreamModel()));
        GeminiTools.write(request, body);
        ObjectNode config = Json.object();
        sampling(request, config);
        format(request.responseFormat(), config);
        ObjectNode thinking = GeminiThinking.config(request.reasoning(), deployment.upstreamModel());
        if (thinking != null) {
            config.set("thinkingConfig", thinking);
        }
        passedOn(request.extra(), body, config);
        GeminiSpeech.write(request.extra(), deployment.upstreamModel(), config);
        if (!config.isEmpty()) {
            body.set("generationConfig", config);
        }
        return Json.write(body);
    }

    private static void sampling(ChatRequest request, ObjectNode config) {
        ChatRequest.Sampling sampling = request.sampling();
        put(config, "temperature", sampling.temperature());
        put(config, "topP", sampling.topP());
        put(config, "presencePenalty", sampling.presencePenalty());
        put(config, "frequencyPenalty", sampling.frequencyPenalty());
        if (sampling.topK() != null) {
            config.put("topK", sampling.topK());
        }
        if (sampling.seed() != null) {
            config.put("seed", sampling.seed());
        }
        if (sampling.n() != null && sampling.n() > 1) {
            config.put("candidateCount", sampling.n());
        }
        if (request.maxTokens() != null) {
            config.put("maxOutputTokens", request.maxTokens());
        }
        if (!sampling.stop().isEmpty()) {
            sampling.stop().forEach(config.putArray("stopSequences")::add);
        }
    }

    private static void put(ObjectNode config, String name, @Nullable Double value) {
        if (value != null) {
            config.put(name, value);
        }
    }

    private static void format(@Nullable ResponseFormat format, ObjectNode config) {
        switch (format) {
            case ResponseFormat.JsonObject _ -> config.put("responseMimeType", "application/json");
            case ResponseFormat.JsonSchema schema -> {
                config.put("responseMimeType", "application/json");
                config.set("responseJsonSchema", GeminiTools.withoutDialect(schema.schema()));
            }
            case ResponseFormat.Text _ -> {}
            case null -> {}
        }
    }

    private static void passedOn(Map<String, JsonNode> extra, ObjectNode body, ObjectNode config) {
        copy(extra, body, "safetySettings", "safety_settings", "safetySettings");
        copy(extra, body, "cachedContent", "cached_content", "cachedContent");
        copy(extra, config, "responseModalities", "response_modalities", "responseModalities");
        copy(extra, config, "mediaResolution", "media_resolution", "mediaResolution");
        copy(extra, config, "speechConfig", "speech_config", "speechConfig");
        copy(extra, config, "responseFormat", "responseFormat");
        copy(extra, config, "thinkingConfig", "thinking_config", "thinkingConfig");
    }

    private static void copy(Map<String, JsonNode> extra, ObjectNode target, String name, String... spellings) {
        for (String spelling : spellings) {
            if (extra.containsKey(spelling)) {
                target.set(name, extra.get(spelling));
            }
        }
    }

    @Override
    public ChatResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        List<ChatResponse.Choice> choices = new ArrayList<>();
        Map<String, JsonNode> extra = new HashMap<>();
        for (JsonNode candidate : body.path("candidates")) {
            List<Part> parts = GeminiContents.read(candidate.path("content"));
            boolean calls = parts.stream().anyMatch(Part.ToolCall.class::isInstance);
            choices.add(new ChatResponse.Choice(
                    candidate.path("index").asInt(choices.size()),
                    parts,
                    finish(Json.text(candidate, "finishReason"), calls),
                    null));
            for (String shown : List.of("groundingMetadata", "urlContextMetadata", "citationMetadata")) {
                if (choices.size() == 1 && Json.has(candidate, shown)) {
                    extra.put(shown, candidate.get(shown));
                }
            }
        }
        if (choices.isEmpty()) {
            if (!Json.has(body.path("promptFeedback"), "blockReason")) {
                throw new BadPayload("it has no candidates");
            }
            choices.add(new ChatResponse.Choice(0, List.of(), FinishReason.CONTENT_FILTER, null));
        }
        return new ChatResponse(
                Json.text(body, "responseId"), Json.text(body, "modelVersion"), choices, GeminiUsage.read(body), extra);
    }

    /** LiteLLM's table; what OpenAI has no word for is a plain end. */
    static FinishReason finish(@Nullable String reason, boolean calls) {
        return switch (reason == null ? "" : reason) {
            case "MAX_TOKENS" -> FinishReason.LENGTH;
            case "SAFETY",
                    "RECITATION",
                    "LANGUAGE",
                    "OTHER",
                    "BLOCKLIST",
                    "PROHIBITED_CONTENT",
                    "SPII",
                    "IMAGE_SAFETY",
                    "IMAGE_PROHIBITED_CONTENT",
                    "IMAGE_RECITATION",
                    "IMAGE_OTHER" -> FinishReason.CONTENT_FILTER;
            default -> calls ? FinishReason.TOOL_CALLS : FinishReason.STOP;
        };
    }

    @Override
    public StreamDecoder decoder() {
        return new GeminiStreamDecoder();
    }
}
