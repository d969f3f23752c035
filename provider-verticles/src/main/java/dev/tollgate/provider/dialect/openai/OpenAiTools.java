package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.chat.Tool;
import dev.tollgate.provider.chat.ToolChoice;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tools, the choice among them, and response formats in OpenAI's shape. */
final class OpenAiTools {
    private OpenAiTools() {}

    static void write(ChatRequest request, ObjectNode body) {
        ArrayNode tools = null;
        for (Tool tool : request.tools()) {
            if (tool.builtIn() != null) {
                continue;
            }
            tools = tools == null ? body.putArray("tools") : tools;
            ObjectNode function = tools.addObject()
                    .put("type", "function")
                    .putObject("function")
                    .put("name", tool.name());
            if (tool.description() != null) {
                function.put("description", tool.description());
            }
            if (tool.schema() != null) {
                function.set("parameters", tool.schema());
            }
            if (tool.strict() != null) {
                function.put("strict", tool.strict());
            }
        }
        if (tools == null) {
            return;
        }
        ToolChoice choice = request.toolChoice();
        if (choice != null) {
            switch (choice) {
                case ToolChoice.Auto _ -> body.put("tool_choice", "auto");
                case ToolChoice.None _ -> body.put("tool_choice", "none");
                case ToolChoice.Required _ -> body.put("tool_choice", "required");
                case ToolChoice.Named named ->
                    body.putObject("tool_choice")
                            .put("type", "function")
                            .putObject("function")
                            .put("name", named.name());
            }
        }
        if (request.parallelToolCalls() != null) {
            body.put("parallel_tool_calls", request.parallelToolCalls());
        }
    }

    static JsonNode format(ResponseFormat format) {
        ObjectNode node = Json.object();
        switch (format) {
            case ResponseFormat.Text _ -> node.put("type", "text");
            case ResponseFormat.JsonObject _ -> node.put("type", "json_object");
            case ResponseFormat.JsonSchema schema -> {
                ObjectNode inner =
                        node.put("type", "json_schema").putObject("json_schema").put("name", schema.name());
                inner.set("schema", schema.schema());
                if (schema.strict() != null) {
                    inner.put("strict", schema.strict());
                }
            }
        }
        return node;
    }

    static List<Tool> read(ObjectNode body) {
        List<Tool> tools = new ArrayList<>();
        for (JsonNode tool : body.path("tools")) {
            JsonNode function = tool.path("function");
            if (function.isObject()) {
                tools.add(function(function, tool));
            } else if (tool.path("type").asText("").equals("function")) {
                // The Responses API's flat shape.
                tools.add(function(tool, tool));
            } else {
                tools.add(new Tool(tool.path("type").asText(""), null, null, null, null, tool));
            }
        }
        body.path("functions").forEach(function -> tools.add(function(function, function)));
        return tools;
    }

    private static Tool function(JsonNode function, JsonNode tool) {
        String name = Json.text(function, "name");
        if (name == null) {
            throw new BadPayload("a tool has no name", "tools");
        }
        JsonNode mark = Json.has(tool, "cache_control") ? tool.get("cache_control") : function.get("cache_control");
        return new Tool(
                name,
                Json.text(function, "description"),
                Json.has(function, "parameters") ? function.get("parameters") : null,
                function.hasNonNull("strict") ? function.get("strict").asBoolean() : null,
                mark,
                null);
    }

    static @Nullable ToolChoice choice(ObjectNode body) {
        JsonNode choice = body.has("tool_choice") ? body.get("tool_choice") : body.path("function_call");
        if (choice.isTextual()) {
            return switch (choice.textValue()) {
                case "none" -> new ToolChoice.None();
                case "required", "any" -> new ToolChoice.Required();
                default -> new ToolChoice.Auto();
            };
        }
        String name =
                choice.path("function").path("name").asText(choice.path("name").asText(""));
        if (!name.isEmpty()) {
            return new ToolChoice.Named(name);
        }
        // Clients that know Anthropic write {"type": "any"}.
        return switch (choice.path("type").asText("")) {
            case "none" -> new ToolChoice.None();
            case "required", "any" -> new ToolChoice.Required();
            case "auto" -> new ToolChoice.Auto();
            default -> null;
        };
    }

    static @Nullable ResponseFormat format(JsonNode format) {
        return switch (format.path("type").asText("")) {
            case "text" -> new ResponseFormat.Text();
            case "json_object" -> {
                JsonNode schema = format.path("response_schema");
                yield schema.isObject()
                        ? new ResponseFormat.JsonSchema("response", schema, null)
                        : new ResponseFormat.JsonObject();
            }
            case "json_schema" -> {
                JsonNode inner = format.path("json_schema");
                if (!inner.path("schema").isObject()) {
                    throw new BadPayload("`response_format.json_schema.schema` must be an object", "response_format");
                }
                yield new ResponseFormat.JsonSchema(
                        inner.path("name").asText("response"),
                        inner.path("schema"),
                        inner.hasNonNull("strict") ? inner.get("strict").asBoolean() : null);
            }
            default -> null;
        };
    }
}
