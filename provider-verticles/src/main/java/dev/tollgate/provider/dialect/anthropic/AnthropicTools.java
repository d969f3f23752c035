package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.chat.Tool;
import dev.tollgate.provider.chat.ToolChoice;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tools and the choice among them. A JSON schema for the answer becomes a tool that the model must call, whose input is then given
 * back as the answer's text: that works on every model.
 */
final class AnthropicTools {
    /** The tool that stands for a demanded JSON answer. */
    static final String JSON_TOOL = "json_tool_call";

    /** Anthropic's built-in tools carry the day of their version ({@code bash_20250124}), but for these. */
    private static final Pattern OWN = Pattern.compile("[a-z0-9_]+_\\d{8}|mcp_toolset|tool_search_tool_(?:regex|bm25)");

    private static final List<String> PLACE = List.of("city", "region", "country", "timezone");

    private AnthropicTools() {}

    /** The choice with the JSON tool counted in, or null when nothing need be said. */
    static @Nullable ToolChoice choice(ChatRequest request) {
        ToolChoice choice = request.toolChoice();
        if (!(request.responseFormat() instanceof ResponseFormat.JsonSchema)) {
            return choice;
        }
        if (request.tools().isEmpty() || choice instanceof ToolChoice.None) {
            return new ToolChoice.Named(JSON_TOOL);
        }
        return choice instanceof ToolChoice.Named ? choice : new ToolChoice.Required();
    }

    /** Whether the model must call a tool. */
    static boolean forces(@Nullable ToolChoice choice) {
        return choice instanceof ToolChoice.Required || choice instanceof ToolChoice.Named;
    }

    static void write(ChatRequest request, @Nullable ToolChoice choice, boolean thinks, ObjectNode body) {
        ArrayNode tools = body.arrayNode();
        for (Tool tool : request.tools()) {
            tools.add(tool.builtIn() == null ? function(tool) : builtIn(tool.builtIn()));
        }
        JsonNode search = request.extra().get("web_search_options");
        if (search != null) {
            tools.add(webSearch(search.path("user_location").path("approximate")));
        }
        boolean json = request.responseFormat() instanceof ResponseFormat.JsonSchema;
        if (request.responseFormat() instanceof ResponseFormat.JsonSchema format) {
            tools.addObject()
                    .put("name", JSON_TOOL)
                    .put("description", "Gives the final answer in the demanded form. Always answer by calling it.")
                    .set("input_schema", schema(format.schema()));
        }
        if (tools.isEmpty()) {
            return;
        }
        body.set("tools", tools);
        Boolean parallel = json ? Boolean.FALSE : request.parallelToolCalls();
        if (choice != null || parallel != null) {
            body.set("tool_choice", choice(choice, parallel, thinks));
        }
    }

    private static ObjectNode function(Tool tool) {
        ObjectNode node = Json.object().put("name", tool.name());
        if (tool.description() != null) {
            node.put("description", tool.description());
        }
        node.set("input_schema", schema(tool.schema()));
        if (tool.cacheControl() != null) {
            node.set("cache_control", tool.cacheControl());
        }
        return node;
    }

    /** The API wants an object schema that says so; OpenAI's takes one without a type, or none. */
    private static ObjectNode schema(@Nullable JsonNode schema) {
        if (!(schema instanceof ObjectNode given) || given.isEmpty()) {
            ObjectNode empty = Json.object().put("type", "object");
            empty.putObject("properties");
            return empty;
        }
        if (given.path("type").isTextual()) {
            return given;
        }
        ObjectNode typed = Json.object().put("type", "object");
        typed.setAll(given);
        return typed.put("type", "object");
    }

    /** A tool in Anthropic's own format goes as it is; OpenAI's web search has a counterpart; nothing else has one. */
    private static JsonNode builtIn(JsonNode tool) {
        String type = tool.path("type").asText("");
        if (Json.has(tool, "input_schema") || OWN.matcher(type).matches()) {
            return tool;
        }
        if (type.startsWith("web_search")) {
            return webSearch(tool.path("user_location"));
        }
        throw new BadPayload("Anthropic has no tool of type `" + type + "`", "tools");
    }

    private static ObjectNode webSearch(JsonNode place) {
        ObjectNode tool = Json.object().put("type", "web_search_20250305").put("name", "web_search");
        if (place.isObject()) {
            ObjectNode location = tool.putObject("user_location").put("type", "approximate");
            PLACE.stream().filter(name -> Json.has(place, name)).forEach(name -> location.set(name, place.get(name)));
        }
        return tool;
    }

    /** While the model thinks the API refuses a forced choice. */
    private static ObjectNode choice(@Nullable ToolChoice choice, @Nullable Boolean parallel, boolean thinks) {
        ObjectNode node = Json.object();
        switch (choice) {
            case ToolChoice.None _ -> {
                return node.put("type", "none");
            }
            case ToolChoice.Required _ -> node.put("type", thinks ? "auto" : "any");
            case ToolChoice.Named named when !thinks -> node.put("type", "tool").put("name", named.name());
            case ToolChoice.Named _, ToolChoice.Auto _ -> node.put("type", "auto");
            case null -> node.put("type", "auto");
        }
        if (parallel != null) {
            node.put("disable_parallel_tool_use", !parallel);
        }
        return node;
    }
}
