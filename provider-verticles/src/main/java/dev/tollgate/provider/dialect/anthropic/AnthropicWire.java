package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Surface;
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
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anthropic's Messages API as clients speak it, for models whose provider speaks something else. */
public final class AnthropicWire implements Wire {

    @Override
    public Surface surface() {
        return Surface.MESSAGES;
    }

    @Override
    public ChatRequest read(ObjectNode body) {
        JsonNode list = body.path("messages");
        if (!list.isArray() || list.isEmpty()) {
            throw new BadPayload("messages: at least one message is required", "messages");
        }
        List<Message> messages = new ArrayList<>();
        if (Json.has(body, "system")) {
            messages.add(new Message(Message.Role.SYSTEM, AnthropicBlocks.readAll(body.get("system")), null));
        }
        for (int i = 0; i < list.size(); i++) {
            message(list.get(i), i, messages);
        }
        JsonNode choice = body.path("tool_choice");
        return new ChatRequest(
                messages,
                tools(body.path("tools")),
                choice(choice),
                choice.has("disable_parallel_tool_use")
                        ? !choice.get("disable_parallel_tool_use").asBoolean()
                        : null,
                sampling(body),
                Json.has(body, "max_tokens") ? body.get("max_tokens").asInt() : null,
                format(body),
                reasoning(body),
                body.path("stream").asBoolean(false),
                Json.text(body.path("metadata"), "user_id"),
                Map.of());
    }

    /** A user message whose blocks hold tool results becomes a tool message and, for the rest, a user message. */
    private static void message(JsonNode node, int position, List<Message> messages) {
        String role = node.path("role").asText("");
        List<Part> parts = AnthropicBlocks.readAll(node.path("content"));
        switch (role) {
            case "assistant" -> messages.add(new Message(Message.Role.ASSISTANT, parts, null));
            case "system" -> messages.add(new Message(Message.Role.SYSTEM, parts, null));
            case "user" -> {
                List<Part> results =
                        parts.stream().filter(Part.ToolResult.class::isInstance).toList();
                List<Part> rest = parts.stream()
                        .filter(part -> !(part instanceof Part.ToolResult))
                        .toList();
                if (!results.isEmpty()) {
                    messages.add(new Message(Message.Role.TOOL, results, null));
                }
                if (!rest.isEmpty() || results.isEmpty()) {
                    messages.add(new Message(Message.Role.USER, rest, null));
                }
            }
            default ->
                throw new BadPayload(
                        "messages." + position + ".role: must be user or assistant", "messages." + position + ".role");
        }
    }

    private static List<Tool> tools(JsonNode list) {
        List<Tool> tools = new ArrayList<>();
        for (JsonNode tool : list) {
            boolean function = Json.has(tool, "input_schema");
            tools.add(new Tool(
                    tool.path("name").asText(""),
                    Json.text(tool, "description"),
                    function ? tool.get("input_schema") : null,
                    null,
                    Json.has(tool, "cache_control") ? tool.get("cache_control") : null,
                    function ? null : tool));
        }
        return tools;
    }

    private static @Nullable ToolChoice choice(JsonNode choice) {
        return switch (choice.path("type").asText("")) {
            case "auto" -> new ToolChoice.Auto();
            case "any" -> new ToolChoice.Required();
            case "none" -> new ToolChoice.None();
            case "tool" -> new ToolChoice.Named(choice.path("name").asText(""));
            default -> null;
        };
    }

    private static ChatRequest.Sampling sampling(ObjectNode body) {
        List<String> stop = new ArrayList<>();
        body.path("stop_sequences").forEach(text -> stop.add(text.asText()));
        return new ChatRequest.Sampling(
                Json.has(body, "temperature") ? body.get("temperature").asDouble() : null,
                Json.has(body, "top_p") ? body.get("top_p").asDouble() : null,
                Json.has(body, "top_k") ? body.get("top_k").asInt() : null,
                null,
                null,
                null,
                null,
                stop);
    }

    /** {@code output_config.format}, or {@code output_format} as it was called in the beta. */
    private static @Nullable ResponseFormat format(ObjectNode body) {
        JsonNode format = Json.has(body, "output_format")
                ? body.get("output_format")
                : body.path("output_config").path("format");
        return format.path("type").asText("").equals("json_schema")
                ? new ResponseFormat.JsonSchema("response", format.path("schema"), true)
                : null;
    }

    private static @Nullable Reasoning reasoning(ObjectNode body) {
        JsonNode thinking = body.path("thinking");
        String effort = Json.text(body.path("output_config"), "effort");
        return switch (thinking.path("type").asText("")) {
            case "enabled" -> new Reasoning(null, thinking.path("budget_tokens").asInt(1024), false);
            case "adaptive" -> new Reasoning(effort, null, true);
            case "disabled" -> new Reasoning(null, 0, false);
            default -> effort == null ? null : new Reasoning(effort, null, false);
        };
    }

    @Override
    public Buffer write(ChatResponse response, String callId, String model) {
        ChatResponse.Choice choice = response.choices().get(0);
        ObjectNode body = Json.object()
                .put("id", id(response.id(), callId))
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
        ArrayNode content = body.putArray("content");
        choice.content().forEach(part -> show(part, content));
        body.put("stop_reason", reason(choice.finish(), choice.stopSequence()));
        body.put("stop_sequence", choice.stopSequence());
        body.set("usage", AnthropicUsage.write(response.usage()));
        return Json.write(body);
    }

    private static void show(Part part, ArrayNode content) {
        switch (part) {
            // Anthropic's SDKs demand the signature, which other makers' models do not have.
            case Part.Thinking thinking ->
                content.addObject()
                        .put("type", "thinking")
                        .put("thinking", thinking.text())
                        .put("signature", thinking.signature() == null ? "" : thinking.signature());
            case Part.ToolCall call ->
                content.addObject()
                        .put("type", "tool_use")
                        .put("id", AnthropicBlocks.shownId(call.id(), call.signature()))
                        .put("name", call.name())
                        .set("input", Json.readArguments(call.arguments()));
            case Part.Audio _ -> {
                // The API has no place for sound in an answer.
            }
            case Part.Text _, Part.Image _, Part.Document _, Part.RedactedThinking _, Part.ToolResult _ ->
                AnthropicBlocks.write(List.of(part), content);
        }
    }

    static String id(@Nullable String given, String callId) {
        return given != null && given.startsWith("msg_") ? given : "msg_" + callId.replace("-", "");
    }

    static String reason(FinishReason reason, @Nullable String stopSequence) {
        return switch (reason) {
            case STOP -> stopSequence == null ? "end_turn" : "stop_sequence";
            case LENGTH -> "max_tokens";
            case TOOL_CALLS -> "tool_use";
            case CONTENT_FILTER -> "refusal";
        };
    }

    @Override
    public StreamEncoder encoder(String callId, String model, boolean usage) {
        return new AnthropicEventEncoder(callId, model);
    }
}
