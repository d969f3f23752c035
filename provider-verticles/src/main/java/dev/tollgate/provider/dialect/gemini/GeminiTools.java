package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.Tool;
import dev.tollgate.provider.chat.ToolChoice;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import org.jspecify.annotations.Nullable;

/** {@code tools} and {@code toolConfig}: functions, Google's own tools, and other providers' tools that Google has too. */
final class GeminiTools {
    private GeminiTools() {}

    static void write(ChatRequest request, ObjectNode body) {
        ArrayNode tools = body.arrayNode();
        ArrayNode functions = body.arrayNode();
        for (Tool tool : request.tools()) {
            if (tool.builtIn() != null) {
                tools.add(builtIn(tool.builtIn()));
            } else {
                functions.add(function(tool));
            }
        }
        if (request.extra().containsKey("web_search_options")) {
            tools.addObject().putObject("googleSearch");
        }
        if (!functions.isEmpty()) {
            tools.addObject().set("functionDeclarations", functions);
            choice(request.toolChoice(), body);
        }
        if (!tools.isEmpty()) {
            body.set("tools", tools);
        }
    }

    private static ObjectNode function(Tool tool) {
        ObjectNode function = Json.object().put("name", tool.name());
        if (tool.description() != null) {
            function.put("description", tool.description());
        }
        if (tool.schema() != null && !tool.schema().isEmpty()) {
            function.set("parametersJsonSchema", withoutDialect(tool.schema()));
        }
        return function;
    }

    /** Google's own tools, which have no {@code type}, pass; those of other providers become Google's. */
    private static JsonNode builtIn(JsonNode tool) {
        String type = tool.path("type").asText("");
        if (type.isEmpty()) {
            return tool;
        }
        String name = type.startsWith("web_search")
                ? "googleSearch"
                : type.startsWith("web_fetch") ? "urlContext" : type.startsWith("code_") ? "codeExecution" : null;
        if (name == null) {
            throw new BadPayload("Gemini has no tool of the type `" + type + "`", "tools");
        }
        ObjectNode own = Json.object();
        own.putObject(name);
        return own;
    }

    private static void choice(@Nullable ToolChoice choice, ObjectNode body) {
        if (choice == null) {
            return;
        }
        ObjectNode config = body.putObject("toolConfig").putObject("functionCallingConfig");
        switch (choice) {
            case ToolChoice.Auto _ -> config.put("mode", "AUTO");
            case ToolChoice.None _ -> config.put("mode", "NONE");
            case ToolChoice.Required _ -> config.put("mode", "ANY");
            case ToolChoice.Named named ->
                config.put("mode", "ANY").putArray("allowedFunctionNames").add(named.name());
        }
    }

    /** The API refuses the {@code $schema} line that schema generators write. */
    static JsonNode withoutDialect(JsonNode schema) {
        if (schema instanceof ObjectNode object && object.has("$schema")) {
            return object.deepCopy().without("$schema");
        }
        return schema;
    }
}
