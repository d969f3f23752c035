package dev.tollgate.provider.dialect.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages of {@code /api/chat}: text in one string, pictures beside it, arguments as an object. Results name the tool; newer
 * servers also know ids of calls, older ones skip them.
 */
final class OllamaMessages {
    private OllamaMessages() {}

    static void write(List<Message> messages, ArrayNode target) {
        Map<String, String> tools = new HashMap<>();
        for (Message message : messages) {
            List<Part> said = new ArrayList<>();
            for (Part part : message.content()) {
                if (part instanceof Part.ToolResult result) {
                    result(result, tools, target);
                } else if (!(part instanceof Part.Image) || message.role() != Message.Role.ASSISTANT) {
                    // A picture that another provider's model made is none of the model's own words here.
                    said.add(part);
                }
            }
            if (!said.isEmpty() || message.content().isEmpty()) {
                message(message.role(), said, tools, target.addObject());
            }
        }
    }

    private static void result(Part.ToolResult result, Map<String, String> tools, ArrayNode target) {
        ObjectNode node = target.addObject().put("role", "tool").put("tool_call_id", result.toolCallId());
        String name = tools.get(result.toolCallId());
        if (name != null) {
            node.put("tool_name", name);
        }
        say(result.content(), node);
        if (result.error()) {
            // The API has no word for it, and the model should know.
            node.put("content", "Error: " + node.path("content").asText());
        }
    }

    private static void message(Message.Role role, List<Part> parts, Map<String, String> tools, ObjectNode node) {
        node.put("role", role.name().toLowerCase(Locale.ROOT));
        say(parts, node);
        ArrayNode calls = null;
        for (Part part : parts) {
            if (part instanceof Part.ToolCall call) {
                tools.put(call.id(), call.name());
                calls = calls == null ? node.putArray("tool_calls") : calls;
                calls.addObject()
                        .put("id", call.id())
                        .putObject("function")
                        .put("name", call.name())
                        .set("arguments", Json.readArguments(call.arguments()));
            }
        }
    }

    private static void say(List<Part> parts, ObjectNode node) {
        StringBuilder text = new StringBuilder();
        StringBuilder thoughts = new StringBuilder();
        ArrayNode images = null;
        for (Part part : parts) {
            switch (part) {
                case Part.Text piece -> text.append(piece.text());
                case Part.Thinking thinking -> thoughts.append(thinking.text());
                case Part.Image image -> {
                    images = images == null ? node.putArray("images") : images;
                    images.add(inline(image));
                }
                case Part.Document _, Part.Audio _ ->
                    throw new BadPayload("Ollama takes text and pictures only", "messages");
                case Part.ToolCall _, Part.ToolResult _, Part.RedactedThinking _ -> {}
            }
        }
        node.put("content", text.toString());
        if (!thoughts.isEmpty()) {
            node.put("thinking", thoughts.toString());
        }
    }

    private static @Nullable String inline(Part.Image image) {
        if (image.base64() == null) {
            throw new BadPayload("Ollama takes pictures only inline: send a data: URL instead of a link", "messages");
        }
        return image.base64();
    }

    /** Parts of an answer's message; ids of calls are invented where the server gives none. */
    static List<Part> read(JsonNode message) {
        List<Part> parts = new ArrayList<>();
        String thoughts = Json.text(message, "thinking");
        if (thoughts != null && !thoughts.isEmpty()) {
            parts.add(new Part.Thinking(thoughts, null));
        }
        String text = Json.text(message, "content");
        if (text != null && !text.isEmpty()) {
            parts.add(new Part.Text(text));
        }
        for (JsonNode call : message.path("tool_calls")) {
            JsonNode function = call.path("function");
            String id = Json.text(call, "id");
            parts.add(new Part.ToolCall(
                    id == null || id.isEmpty() ? Part.ToolCall.newId() : id,
                    function.path("name").asText(""),
                    arguments(function.path("arguments")),
                    null));
        }
        return parts;
    }

    private static String arguments(JsonNode node) {
        return node.isTextual() ? node.textValue() : node.isObject() ? node.toString() : "{}";
    }
}
