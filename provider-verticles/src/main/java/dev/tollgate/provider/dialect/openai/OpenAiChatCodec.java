package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Canonical chat to and from OpenAI's chat completions (OpenAI API reference, "Chat"), for clients that speak another API. */
final class OpenAiChatCodec implements ChatCodec {

    @Override
    public Buffer encode(ChatRequest request, Deployment deployment) {
        ObjectNode body = Json.object().put("model", deployment.upstreamModel());
        ArrayNode messages = body.putArray("messages");
        request.messages().forEach(message -> OpenAiMessages.write(message, messages));
        OpenAiTools.write(request, body);
        sampling(request.sampling(), body);
        if (request.maxTokens() != null) {
            body.put(maxTokensName(deployment), request.maxTokens());
        }
        if (request.responseFormat() != null) {
            body.set("response_format", OpenAiTools.format(request.responseFormat()));
        }
        String effort = effort(request.reasoning());
        if (effort != null) {
            body.put("reasoning_effort", effort);
        }
        if (request.user() != null) {
            body.put("user", request.user());
        }
        request.extra().forEach(body::set);
        if (request.stream()) {
            body.put("stream", true).putObject("stream_options").put("include_usage", true);
        }
        return Json.write(body);
    }

    private static void sampling(ChatRequest.Sampling sampling, ObjectNode body) {
        put(body, "temperature", sampling.temperature());
        put(body, "top_p", sampling.topP());
        put(body, "presence_penalty", sampling.presencePenalty());
        put(body, "frequency_penalty", sampling.frequencyPenalty());
        if (sampling.seed() != null) {
            body.put("seed", sampling.seed());
        }
        if (sampling.n() != null) {
            body.put("n", sampling.n());
        }
        if (!sampling.stop().isEmpty()) {
            sampling.stop().forEach(body.putArray("stop")::add);
        }
    }

    private static void put(ObjectNode body, String name, @Nullable Double value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    /** OpenAI's own reasoning models refuse the old name; most copies of the API know only that. */
    private static String maxTokensName(Deployment deployment) {
        boolean own = deployment.provider().dialect().equals("azure")
                || deployment.apiBase().contains("://api.openai.com");
        return own && !deployment.provider().renameMaxTokens() ? "max_completion_tokens" : "max_tokens";
    }

    /**
     * Budgets become efforts by LiteLLM's table; what the client leaves to the model, or does not want, is left out, because most
     * models refuse the member. OpenAI has no {@code max}.
     */
    private static @Nullable String effort(@Nullable Reasoning reasoning) {
        if (reasoning == null) {
            return null;
        }
        if (reasoning.effort() != null) {
            return reasoning.effort().equals("max") ? "high" : reasoning.effort();
        }
        int budget = reasoning.budget();
        if (reasoning.adaptive() || budget <= 0) {
            return null;
        }
        return budget >= 10_000 ? "high" : budget >= 5_000 ? "medium" : budget >= 2_000 ? "low" : "minimal";
    }

    @Override
    public ChatResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        List<ChatResponse.Choice> choices = new ArrayList<>();
        for (JsonNode choice : body.path("choices")) {
            JsonNode message = choice.path("message");
            List<Part> parts = OpenAiMessages.answer(message);
            boolean calls = parts.stream().anyMatch(Part.ToolCall.class::isInstance);
            boolean refused = !message.path("refusal").asText("").isEmpty();
            choices.add(new ChatResponse.Choice(
                    choice.path("index").asInt(choices.size()),
                    parts,
                    finish(Json.text(choice, "finish_reason"), calls, refused),
                    null));
        }
        if (choices.isEmpty()) {
            String error = Json.text(body.path("error"), "message");
            throw new BadPayload(error == null ? "it has no choices" : error);
        }
        return new ChatResponse(
                Json.text(body, "id"),
                Json.text(body, "model"),
                choices,
                OpenAiUsage.of(body.path("usage")).in(OpenAiUsage.tier(body)),
                Map.of());
    }

    /**
     * Why an answer ended.
     *
     * @param reason the provider's word, or null when it said none
     * @param calls whether the answer has tool calls; OpenAI itself says {@code stop} when the tool was chosen by the client
     * @param refused whether the model wrote a refusal, which OpenAI ends with {@code stop} too
     */
    static FinishReason finish(@Nullable String reason, boolean calls, boolean refused) {
        return switch (reason == null ? "stop" : reason) {
            case "length", "max_tokens", "model_length" -> FinishReason.LENGTH;
            case "tool_calls", "function_call" -> FinishReason.TOOL_CALLS;
            case "content_filter" -> FinishReason.CONTENT_FILTER;
            default -> calls ? FinishReason.TOOL_CALLS : refused ? FinishReason.CONTENT_FILTER : FinishReason.STOP;
        };
    }

    static String finish(FinishReason reason) {
        return switch (reason) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case TOOL_CALLS -> "tool_calls";
            case CONTENT_FILTER -> "content_filter";
        };
    }

    /** Text of an answer's parts, joined. */
    static String text(List<Part> parts) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            if (part instanceof Part.Text piece) {
                text.append(piece.text());
            }
        }
        return text.toString();
    }

    @Override
    public StreamDecoder decoder() {
        return new OpenAiStreamDecoder();
    }
}
