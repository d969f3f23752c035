package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.ToolChoice;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Canonical chat to and from Anthropic's Messages API: {@link AnthropicMessages} writes the conversation, {@link AnthropicTools}
 * the tools, {@link ThinkingPlan} decides about thinking, and {@link ClaudeFamily} knows what a model takes.
 */
final class AnthropicChatCodec implements ChatCodec {
    private static final List<String> PASSED_ON =
            List.of("service_tier", "context_management", "container", "mcp_servers");

    @Override
    public Buffer encode(ChatRequest request, Deployment deployment) {
        ClaudeFamily family = ClaudeFamily.of(deployment);
        ToolChoice choice = AnthropicTools.choice(request);
        ThinkingPlan plan = ThinkingPlan.of(request, family, AnthropicTools.forces(choice));
        ObjectNode body = Json.object().put("model", deployment.upstreamModel()).put("max_tokens", plan.maxTokens());
        AnthropicMessages.write(request, body);
        AnthropicTools.write(request, choice, plan.thinks(), body);
        plan.write(body);
        outputConfig(request, plan, body);
        if (!plan.thinks() && !family.refusesSampling()) {
            sampling(request.sampling(), body);
        }
        List<String> stop = request.sampling().stop().stream()
                .filter(text -> !text.isBlank())
                .toList();
        if (!stop.isEmpty()) {
            stop.forEach(body.putArray("stop_sequences")::add);
        }
        // The API refuses a mail address here: the id must say nothing about the person.
        if (request.user() != null && request.user().indexOf('@') < 0) {
            body.putObject("metadata").put("user_id", request.user());
        }
        for (String known : PASSED_ON) {
            if (request.extra().containsKey(known)) {
                body.set(known, request.extra().get(known));
            }
        }
        if (request.stream()) {
            body.put("stream", true);
        }
        return Json.write(body);
    }

    /** The client's own {@code output_config}, with the effort that was asked for in OpenAI's way where it names none. */
    private static void outputConfig(ChatRequest request, ThinkingPlan plan, ObjectNode body) {
        ObjectNode config = Json.object();
        if (plan.effort() != null) {
            config.put("effort", plan.effort());
        }
        if (request.extra().get("output_config") instanceof ObjectNode given) {
            config.setAll(given);
        }
        if (!config.isEmpty()) {
            body.set("output_config", config);
        }
    }

    /** From Claude 4.1 the API refuses temperature and {@code top_p} together; it always advised against both. */
    private static void sampling(ChatRequest.Sampling sampling, ObjectNode body) {
        if (sampling.temperature() != null) {
            body.put("temperature", Math.min(1, sampling.temperature()));
        } else if (sampling.topP() != null) {
            body.put("top_p", sampling.topP());
        }
        if (sampling.topK() != null) {
            body.put("top_k", sampling.topK());
        }
    }

    @Override
    public ChatResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        if (!body.path("content").isArray()) {
            throw new BadPayload("it has no content");
        }
        List<Part> parts = new ArrayList<>();
        Part.Text json = null;
        for (JsonNode block : body.get("content")) {
            Part part = AnthropicBlocks.read(block);
            if (part instanceof Part.ToolCall call && call.name().equals(AnthropicTools.JSON_TOOL)) {
                json = json == null ? new Part.Text(call.arguments()) : json;
            } else if (part != null) {
                parts.add(part);
            }
        }
        FinishReason finish = finish(Json.text(body, "stop_reason"));
        if (json != null) {
            // What the model says beside the JSON would make it unreadable.
            parts.removeIf(Part.Text.class::isInstance);
            boolean calls = parts.stream().anyMatch(Part.ToolCall.class::isInstance);
            parts.add(json);
            finish = finish == FinishReason.TOOL_CALLS && !calls ? FinishReason.STOP : finish;
        }
        return new ChatResponse(
                Json.text(body, "id"),
                Json.text(body, "model"),
                List.of(new ChatResponse.Choice(0, parts, finish, Json.text(body, "stop_sequence"))),
                AnthropicUsage.read(body.path("usage"), Usage.NONE),
                Map.of());
    }

    static FinishReason finish(@Nullable String reason) {
        return switch (reason == null ? "" : reason) {
            case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
            case "tool_use" -> FinishReason.TOOL_CALLS;
            case "refusal" -> FinishReason.CONTENT_FILTER;
            default -> FinishReason.STOP;
        };
    }

    @Override
    public StreamDecoder decoder() {
        return new AnthropicStreamDecoder();
    }
}
