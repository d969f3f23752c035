package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Content blocks of Anthropic's messages to and from canonical parts. */
final class AnthropicBlocks {
    private AnthropicBlocks() {}

    static void write(List<Part> parts, ArrayNode target) {
        for (Part part : parts) {
            ObjectNode block = block(part);
            if (block != null) {
                target.add(block);
            }
        }
    }

    private static @Nullable ObjectNode block(Part part) {
        return switch (part) {
            // The API refuses empty text.
            case Part.Text text when text.text().isEmpty() -> null;
            case Part.Text text ->
                marked(Json.object().put("type", "text").put("text", text.text()), text.cacheControl());
            case Part.Image image -> image(image);
            case Part.Document document -> document(document);
            case Part.Audio _ -> throw new BadPayload("Anthropic's models take no audio", "messages");
            // Thinking without its proof cannot be sent back.
            case Part.Thinking thinking when thinking.signature() == null -> null;
            case Part.Thinking thinking ->
                Json.object()
                        .put("type", "thinking")
                        .put("thinking", thinking.text())
                        .put("signature", thinking.signature());
            case Part.RedactedThinking redacted ->
                Json.object().put("type", "redacted_thinking").put("data", redacted.data());
            case Part.ToolCall call ->
                Json.object()
                        .put("type", "tool_use")
                        .put("id", call.id())
                        .put("name", call.name())
                        .<ObjectNode>set("input", Json.readArguments(call.arguments()));
            case Part.ToolResult result -> result(result);
        };
    }

    private static ObjectNode marked(ObjectNode block, @Nullable JsonNode mark) {
        if (mark != null) {
            block.set("cache_control", mark);
        }
        return block;
    }

    private static ObjectNode image(Part.Image image) {
        ObjectNode block = Json.object().put("type", "image");
        ObjectNode source = block.putObject("source");
        if (image.url() != null) {
            source.put("type", "url").put("url", image.url());
        } else {
            source.put("type", "base64").put("media_type", image.mediaType()).put("data", image.base64());
        }
        return marked(block, image.cacheControl());
    }

    private static ObjectNode document(Part.Document document) {
        ObjectNode block = Json.object().put("type", "document");
        ObjectNode source = block.putObject("source");
        if (document.fileId() != null) {
            source.put("type", "file").put("file_id", document.fileId());
        } else if (document.url() != null) {
            source.put("type", "url").put("url", document.url());
        } else {
            source.put("type", "base64")
                    .put("media_type", document.mediaType() == null ? "application/pdf" : document.mediaType())
                    .put("data", document.base64());
        }
        if (document.name() != null) {
            block.put("title", document.name());
        }
        return marked(block, document.cacheControl());
    }

    private static ObjectNode result(Part.ToolResult result) {
        ObjectNode block = Json.object().put("type", "tool_result").put("tool_use_id", result.toolCallId());
        if (result.error()) {
            block.put("is_error", true);
        }
        write(result.content(), block.putArray("content"));
        return marked(block, result.cacheControl());
    }

    /** A canonical part, or null for blocks that have no meaning elsewhere. */
    static @Nullable Part read(JsonNode block) {
        JsonNode mark = Json.has(block, "cache_control") ? block.get("cache_control") : null;
        return switch (block.path("type").asText("")) {
            case "text" -> new Part.Text(block.path("text").asText(""), mark);
            case "image" -> image(block.path("source"), mark);
            case "document" -> document(block, mark);
            case "thinking" -> new Part.Thinking(block.path("thinking").asText(""), Json.text(block, "signature"));
            case "redacted_thinking" ->
                new Part.RedactedThinking(block.path("data").asText(""));
            case "tool_use" ->
                new Part.ToolCall(
                        block.path("id").asText(""),
                        block.path("name").asText(""),
                        block.path("input").toString(),
                        null);
            case "tool_result" ->
                new Part.ToolResult(
                        block.path("tool_use_id").asText(""),
                        readAll(block.path("content")),
                        block.path("is_error").asBoolean(false),
                        mark);
            default -> null;
        };
    }

    /** A string, or a list of blocks. */
    static List<Part> readAll(JsonNode content) {
        if (content.isTextual()) {
            return List.of(new Part.Text(content.textValue()));
        }
        List<Part> parts = new ArrayList<>();
        for (JsonNode block : content) {
            Part part = read(block);
            if (part != null) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static Part image(JsonNode source, @Nullable JsonNode mark) {
        return source.path("type").asText("").equals("url")
                ? new Part.Image(source.path("url").asText(""), null, null, null, mark)
                : new Part.Image(
                        null,
                        source.path("media_type").asText("image/png"),
                        source.path("data").asText(""),
                        null,
                        mark);
    }

    private static Part document(JsonNode block, @Nullable JsonNode mark) {
        JsonNode source = block.path("source");
        return switch (source.path("type").asText("")) {
            case "text" -> new Part.Text(source.path("data").asText(""), mark);
            case "content" ->
                new Part.Text(
                        source.path("content").isTextual()
                                ? source.path("content").textValue()
                                : source.path("content").toString(),
                        mark);
            default ->
                new Part.Document(
                        Json.text(block, "title"),
                        Json.text(source, "url"),
                        Json.text(source, "media_type"),
                        Json.text(source, "data"),
                        Json.text(source, "file_id"),
                        mark);
        };
    }
}
