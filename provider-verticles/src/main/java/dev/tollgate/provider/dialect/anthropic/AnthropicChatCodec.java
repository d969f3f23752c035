package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.chat.Tool;
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
 * Canonical chat to and from Anthropic's Messages API. System messages become {@code system}; neighbouring messages of one role are
 * joined; tool results become user blocks. A JSON schema for the answer becomes a tool that the model must call, whose input is
 * then given back as the answer's text: that works on every model.
 */
final class AnthropicChatCodec implements ChatCodec {
    /** The tool that stands for a demanded JSON answer. */
    static final String JSON_TOOL = "json_tool_call";

    private static final int USUAL_MAX_TOKENS = 4096;
    private static final int LEAST_THINKING = 1024;

    @Override
    public Buffer encode(ChatRequest request, Deployment deployment) {
        ObjectNode body = Json.object().put("model", deployment.upstreamModel());
        int thinking = thinking(request.reasoning());
        int maxTokens = request.maxTokens() == null ? USUAL_MAX_TOKENS : request.maxTokens();
        body.put("max_tokens", thinking >= maxTokens ? thinking + USUAL_MAX_TOKENS : maxTokens);
        system(request, body);
        messages(request, body.putArray("messages"));
        boolean thinks = thinking > 0
                || (request.reasoning() != null && request.reasoning().adaptive());
        tools(request, body, thinks);
        if (request.reasoning() != null && request.reasoning().adaptive()) {
            body.putObject("thinking").put("type", "adaptive");
        } else if (thinking > 0) {
            body.putObject("thinking").put("type", "enabled").put("budget_tokens", thinking);
        }
        sampling(request.sampling(), body, thinks);
        if (request.user() != null && request.user().indexOf('@') < 0) {
            body.putObject("metadata").put("user_id", request.user());
        }
        for (String known : List.of("service_tier", "context_management", "container", "mcp_servers")) {
            if (request.extra().containsKey(known)) {
                body.set(known, request.extra().get(known));
            }
        }
        if (request.stream()) {
            body.put("stream", true);
        }
        return Json.write(body);
    }

    private static int thinking(@Nullable Reasoning reasoning) {
        if (reasoning == null || reasoning.adaptive()) {
            return 0;
        }
        int budget = reasoning.budget();
        return budget == 0 ? 0 : Math.max(LEAST_THINKING, budget);
    }

    private static void sampling(ChatRequest.Sampling sampling, ObjectNode body, boolean thinks) {
        if (!thinks) {
            if (sampling.temperature() != null) {
                body.put("temperature", Math.min(1, sampling.temperature()));
            }
            if (sampling.topP() != null) {
                body.put("top_p", sampling.topP());
            }
            if (sampling.topK() != null) {
                body.put("top_k", sampling.topK());
            }
        }
        List<String> stop =
                sampling.stop().stream().filter(text -> !text.isBlank()).toList();
        if (!stop.isEmpty()) {
            stop.forEach(body.putArray("stop_sequences")::add);
        }
    }

    private static void system(ChatRequest request, ObjectNode body) {
        ArrayNode system = Json.object().arrayNode();
        for (Message message : request.messages()) {
            if (message.role() == Message.Role.SYSTEM) {
                AnthropicBlocks.write(message.content(), system);
            }
        }
        if (request.responseFormat() instanceof ResponseFormat.JsonObject) {
            system.addObject().put("type", "text").put("text", "Answer with one valid JSON object and nothing else.");
        }
        if (!system.isEmpty()) {
            body.set("system", system);
        }
    }

    private static void messages(ChatRequest request, ArrayNode messages) {
        String last = "";
        ArrayNode content = messages.arrayNode();
        for (Message message : request.messages()) {
            if (message.role() == Message.Role.SYSTEM) {
                continue;
            }
            String role = message.role() == Message.Role.ASSISTANT ? "assistant" : "user";
            if (!role.equals(last)) {
                content = messages.addObject().put("role", role).putArray("content");
                last = role;
            }
            AnthropicBlocks.write(message.content(), content);
        }
        if (messages.isEmpty()) {
            throw new BadPayload("Anthropic needs at least one message that is not a system message", "messages");
        }
    }

    private static void tools(ChatRequest request, ObjectNode body, boolean thinks) {
        ArrayNode tools = body.arrayNode();
        for (Tool tool : request.tools()) {
            if (tool.builtIn() != null) {
                tools.add(tool.builtIn());
                continue;
            }
            ObjectNode node = tools.addObject().put("name", tool.name());
            if (tool.description() != null) {
                node.put("description", tool.description());
            }
            node.set("input_schema", tool.schema() != null ? tool.schema() : emptySchema());
            if (tool.cacheControl() != null) {
                node.set("cache_control", tool.cacheControl());
            }
        }
        ToolChoice choice = request.toolChoice();
        if (request.responseFormat() instanceof ResponseFormat.JsonSchema schema) {
            tools.addObject()
                    .put("name", JSON_TOOL)
                    .put("description", "Gives the answer in the demanded form.")
                    .set("input_schema", schema.schema());
            choice = request.tools().isEmpty() ? new ToolChoice.Named(JSON_TOOL) : new ToolChoice.Required();
        }
        if (tools.isEmpty()) {
            return;
        }
        body.set("tools", tools);
        choice(choice, request.parallelToolCalls(), body, thinks);
    }

    /** With thinking switched on the API refuses a forced choice. */
    private static void choice(
            @Nullable ToolChoice choice, @Nullable Boolean parallel, ObjectNode body, boolean thinks) {
        ObjectNode node = Json.object();
        switch (choice) {
            case ToolChoice.None _ -> node.put("type", "none");
            case ToolChoice.Required _ -> node.put("type", thinks ? "auto" : "any");
            case ToolChoice.Named named -> {
                node.put("type", thinks ? "auto" : "tool");
                if (!thinks) {
                    node.put("name", named.name());
                }
            }
            case ToolChoice.Auto _ -> node.put("type", "auto");
            case null -> {
                if (parallel == null) {
                    return;
                }
                node.put("type", "auto");
            }
        }
        if (parallel != null && !node.path("type").asText().equals("none")) {
            node.put("disable_parallel_tool_use", !parallel);
        }
        body.set("tool_choice", node);
    }

    private static ObjectNode emptySchema() {
        ObjectNode schema = Json.object().put("type", "object");
        schema.putObject("properties");
        return schema;
    }

    @Override
    public ChatResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        if (!body.path("content").isArray()) {
            throw new BadPayload("it has no content");
        }
        List<Part> parts = new ArrayList<>();
        boolean json = false;
        for (JsonNode block : body.get("content")) {
            if (block.path("type").asText("").equals("tool_use")
                    && block.path("name").asText("").equals(JSON_TOOL)) {
                parts.add(new Part.Text(block.path("input").toString()));
                json = true;
            } else {
                Part part = AnthropicBlocks.read(block);
                if (part != null) {
                    parts.add(part);
                }
            }
        }
        FinishReason finish = finish(Json.text(body, "stop_reason"));
        return new ChatResponse(
                Json.text(body, "id"),
                Json.text(body, "model"),
                List.of(new ChatResponse.Choice(
                        0,
                        parts,
                        json && finish == FinishReason.TOOL_CALLS ? FinishReason.STOP : finish,
                        Json.text(body, "stop_sequence"))),
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
