package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.SignedId;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Content blocks of Anthropic's messages to and from canonical parts. */
final class AnthropicBlocks {
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_-]+");
    private static final Pattern NOT_OF_ID = Pattern.compile("[^a-zA-Z0-9_-]");

    private AnthropicBlocks() {}

    /** Whether a part becomes a block: the API refuses blank text, and takes thinking back only with its proof. */
    static boolean canBeSent(Part part) {
        return switch (part) {
            case Part.Text text -> !text.text().isBlank();
            case Part.Thinking thinking ->
                thinking.signature() != null && !thinking.signature().isBlank();
            case Part.Image _,
                    Part.Document _,
                    Part.Audio _,
                    Part.RedactedThinking _,
                    Part.ToolCall _,
                    Part.ToolResult _ -> true;
        };
    }

    /**
     * The API takes only letters, digits, {@code _} and {@code -} in the id of a call; other providers make others. An id that does
     * not fit is always replaced by the same one, so that call and result still meet; the hash keeps like ids apart.
     */
    static String id(String id) {
        return ID.matcher(id).matches()
                ? id
                : NOT_OF_ID.matcher(id).replaceAll("_") + "_" + Integer.toHexString(id.hashCode());
    }

    /** The id of a call in an answer: it keeps what the call's provider wants back. */
    static String shownId(String id, @Nullable String signature) {
        return new SignedId(id(id), signature).text();
    }

    static void write(List<Part> parts, ArrayNode target) {
        for (Part part : parts) {
            if (canBeSent(part)) {
                target.add(block(part));
            }
        }
    }

    private static ObjectNode block(Part part) {
        return switch (part) {
            case Part.Text text ->
                marked(Json.object().put("type", "text").put("text", text.text()), text.cacheControl());
            case Part.Image image -> image(image);
            case Part.Document document -> document(document);
            case Part.Audio _ -> throw new BadPayload("Anthropic's models take no audio", "messages");
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
                        .put("id", id(call.id()))
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
        String type = mediaType(image.mediaType(), "image/png");
        if (image.url() == null && !type.startsWith("image/")) {
            // Clients of OpenAI's API send documents as pictures, for want of another way.
            return document(new Part.Document(null, null, type, image.base64(), null, image.cacheControl()));
        }
        ObjectNode block = Json.object().put("type", "image");
        ObjectNode source = block.putObject("source");
        if (image.url() != null) {
            source.put("type", "url").put("url", image.url());
        } else {
            source.put("type", "base64").put("media_type", type).put("data", image.base64());
        }
        return marked(block, image.cacheControl());
    }

    private static String mediaType(@Nullable String given, String otherwise) {
        String type = given == null ? "" : given.strip().toLowerCase(Locale.ROOT);
        return type.isEmpty() ? otherwise : type.equals("image/jpg") ? "image/jpeg" : type;
    }

    private static ObjectNode document(Part.Document document) {
        ObjectNode block = Json.object().put("type", "document");
        ObjectNode source = block.putObject("source");
        if (document.fileId() != null) {
            source.put("type", "file").put("file_id", document.fileId());
        } else if (document.url() != null) {
            source.put("type", "url").put("url", document.url());
        } else if (document.base64() != null) {
            inline(mediaType(document.mediaType(), "application/pdf"), document.base64(), source);
        } else {
            throw new BadPayload("a file has neither data nor a URL nor an id", "messages");
        }
        if (document.name() != null) {
            block.put("title", document.name());
        }
        return marked(block, document.cacheControl());
    }

    /** Plain text has a source of its own, in clear. */
    private static void inline(String type, String base64, ObjectNode source) {
        if (!type.startsWith("text/")) {
            source.put("type", "base64").put("media_type", type).put("data", base64);
            return;
        }
        try {
            source.put("type", "text")
                    .put("media_type", "text/plain")
                    .put("data", new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException _) {
            throw new BadPayload("a file's data is not valid base64", "messages");
        }
    }

    private static ObjectNode result(Part.ToolResult result) {
        ObjectNode block = Json.object().put("type", "tool_result").put("tool_use_id", id(result.toolCallId()));
        if (result.error()) {
            block.put("is_error", true);
        }
        ArrayNode content = block.arrayNode();
        write(result.content(), content);
        if (content.isEmpty() && result.error()) {
            // A failure without a word is refused.
            content.addObject().put("type", "text").put("text", "The tool failed.");
        }
        if (!content.isEmpty()) {
            block.set("content", content);
        }
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
            case "tool_use" -> {
                SignedId id = SignedId.read(block.path("id").asText(""));
                yield new Part.ToolCall(
                        id.id(),
                        block.path("name").asText(""),
                        block.path("input").isObject() ? block.get("input").toString() : "{}",
                        id.signature());
            }
            case "search_result" -> new Part.Text(searchResult(block), mark);
            case "tool_result" ->
                new Part.ToolResult(
                        SignedId.read(block.path("tool_use_id").asText("")).id(),
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
            JsonNode source = block.path("source");
            if (block.path("type").asText("").equals("document")
                    && source.path("type").asText("").equals("content")) {
                parts.addAll(readAll(source.path("content")));
                continue;
            }
            Part part = read(block);
            if (part != null) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** What a client's own search found, in words: title, source, and the texts. */
    private static String searchResult(JsonNode block) {
        StringBuilder text = new StringBuilder(block.path("title").asText(""));
        if (Json.has(block, "source")) {
            text.append("\n").append(block.path("source").asText(""));
        }
        block.path("content")
                .forEach(piece -> text.append("\n").append(piece.path("text").asText("")));
        return text.toString().strip();
    }

    private static Part image(JsonNode source, @Nullable JsonNode mark) {
        if (source.path("type").asText("").equals("file")) {
            throw new BadPayload(
                    "an image by file id exists only at the provider that stored it; send it inline or by URL",
                    "messages");
        }
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
            case "url" -> document(block, Json.text(source, "url"), null, null, null, mark);
            default ->
                document(
                        block,
                        null,
                        Json.text(source, "media_type"),
                        Json.text(source, "data"),
                        Json.text(source, "file_id"),
                        mark);
        };
    }

    /** The API itself knows no other documents by link than PDFs, and has no place to say what a link leads to. */
    private static Part document(
            JsonNode block,
            @Nullable String url,
            @Nullable String mediaType,
            @Nullable String base64,
            @Nullable String fileId,
            @Nullable JsonNode mark) {
        return new Part.Document(
                Json.text(block, "title"), url, mediaType, base64, fileId, mark, null, "application/pdf");
    }
}
