package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.SignedId;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages of OpenAI's chat format to and from the canonical ones. */
final class OpenAiMessages {
    /** Where LiteLLM's clients find what OpenAI's API has no place for. */
    static final String FIELDS = "provider_specific_fields";

    /** Where LiteLLM's clients keep the proofs of a text. They are read only: strict providers refuse a message that has them. */
    private static final String SIGNATURES = "thought_signatures";

    private static final String SIGNATURE = "thought_signature";

    private OpenAiMessages() {}

    /** Writes one message; a tool message with several results becomes several, and one more for pictures. */
    static void write(Message message, ArrayNode messages) {
        switch (message.role()) {
            case TOOL -> toolResults(message.content(), messages);
            case ASSISTANT -> assistant(message, messages.addObject().put("role", "assistant"));
            case SYSTEM ->
                messages.addObject().put("role", "system").put("content", OpenAiChatCodec.text(message.content()));
            case USER -> {
                ObjectNode user = messages.addObject().put("role", "user");
                if (message.name() != null) {
                    user.put("name", message.name());
                }
                content(message.content(), user);
            }
        }
    }

    /** A tool message holds only text here: what else a tool gave follows in a message of the user's. */
    private static void toolResults(List<Part> results, ArrayNode messages) {
        List<Part> others = new ArrayList<>();
        for (Part part : results) {
            if (part instanceof Part.ToolResult result) {
                boolean more = others.addAll(result.content().stream()
                        .filter(piece -> !(piece instanceof Part.Text))
                        .toList());
                String said = OpenAiChatCodec.text(result.content());
                String text = said.isEmpty() && more ? "The result is in the next message." : said;
                messages.addObject()
                        .put("role", "tool")
                        .put("tool_call_id", result.toolCallId())
                        .put("content", result.error() ? "Error: " + text : text);
            }
        }
        if (!others.isEmpty()) {
            content(others, messages.addObject().put("role", "user"));
        }
    }

    private static void assistant(Message message, ObjectNode target) {
        String text = OpenAiChatCodec.text(message.content());
        ArrayNode calls = null;
        for (Part part : message.content()) {
            if (part instanceof Part.ToolCall call) {
                calls = calls == null ? target.putArray("tool_calls") : calls;
                calls.add(toolCall(call));
            }
        }
        if (text.isEmpty() && calls != null) {
            target.putNull("content");
        } else {
            target.put("content", text);
        }
    }

    static ObjectNode toolCall(Part.ToolCall call) {
        ObjectNode node = Json.object().put("id", call.id()).put("type", "function");
        node.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        return node;
    }

    /** Keeps a provider's proof where LiteLLM's clients look for it and send it back. */
    static ObjectNode sign(ObjectNode shown, @Nullable String signature) {
        if (signature != null) {
            shown.putObject(FIELDS).put(SIGNATURE, signature);
        }
        return shown;
    }

    /** As LiteLLM writes it, or as Google's own copy of OpenAI's API does. */
    static @Nullable String signature(JsonNode shown) {
        String litellm = Json.text(shown.path(FIELDS), SIGNATURE);
        return litellm != null ? litellm : Json.text(shown.path("extra_content").path("google"), SIGNATURE);
    }

    /** A picture that the model made, as LiteLLM and OpenRouter show it. */
    static ObjectNode picture(
            int index, @Nullable String mediaType, @Nullable String base64, @Nullable String signature) {
        ObjectNode image = Json.object().put("index", index).put("type", "image_url");
        image.putObject("image_url").put("url", "data:" + mediaType + ";base64," + base64);
        return sign(image, signature);
    }

    private static void content(List<Part> parts, ObjectNode target) {
        if (parts.stream().allMatch(Part.Text.class::isInstance)) {
            target.put("content", OpenAiChatCodec.text(parts));
            return;
        }
        ArrayNode list = target.putArray("content");
        for (Part part : parts) {
            switch (part) {
                case Part.Text text -> list.addObject().put("type", "text").put("text", text.text());
                case Part.Image image -> {
                    ObjectNode url = list.addObject().put("type", "image_url").putObject("image_url");
                    url.put(
                            "url",
                            image.url() != null
                                    ? image.url()
                                    : "data:" + image.mediaType() + ";base64," + image.base64());
                    if (image.detail() != null) {
                        url.put("detail", image.detail());
                    }
                }
                case Part.Audio audio ->
                    list.addObject()
                            .put("type", "input_audio")
                            .putObject("input_audio")
                            .put("format", audio.format())
                            .put("data", audio.base64());
                case Part.Document document -> file(document, list.addObject().put("type", "file"));
                case Part.Thinking _, Part.RedactedThinking _, Part.ToolCall _, Part.ToolResult _ -> {}
            }
        }
    }

    private static void file(Part.Document document, ObjectNode target) {
        ObjectNode file = target.putObject("file");
        if (document.fileId() != null) {
            file.put("file_id", document.fileId());
        } else if (document.base64() != null) {
            file.put("filename", document.name() == null ? "document" : document.name())
                    .put("file_data", "data:" + mediaType(document) + ";base64," + document.base64());
        } else {
            throw new BadPayload("this provider cannot fetch documents by URL; send the document inline", "messages");
        }
    }

    private static String mediaType(Part.Document document) {
        return document.mediaType() == null ? "application/pdf" : document.mediaType();
    }

    /** Content of an answer's message: reasoning, text, refusal, tool calls. */
    static List<Part> answer(JsonNode message) {
        List<Part> parts = new ArrayList<>();
        reasoning(message, parts);
        JsonNode content = message.path("content");
        if (content.isTextual() && !content.textValue().isEmpty()) {
            parts.add(new Part.Text(content.textValue()));
        } else if (content.isArray()) {
            content.forEach(piece -> {
                String text = Json.text(piece, "text");
                if (text != null) {
                    parts.add(new Part.Text(text));
                }
            });
        }
        String refusal = Json.text(message, "refusal");
        if (refusal != null && !refusal.isEmpty()) {
            parts.add(new Part.Text(refusal));
        }
        toolCalls(message, parts);
        return parts;
    }

    private static void reasoning(JsonNode message, List<Part> parts) {
        JsonNode blocks = message.path("thinking_blocks");
        if (blocks.isArray() && !blocks.isEmpty()) {
            for (JsonNode block : blocks) {
                String data = Json.text(block, "data");
                String thinking = Json.text(block, "thinking");
                if (data != null) {
                    parts.add(new Part.RedactedThinking(data));
                } else if (thinking != null) {
                    parts.add(new Part.Thinking(thinking, Json.text(block, "signature")));
                }
            }
            return;
        }
        String text = reasoningText(message);
        if (text != null && !text.isEmpty()) {
            parts.add(new Part.Thinking(text, null));
        }
    }

    static @Nullable String reasoningText(JsonNode message) {
        String text = Json.text(message, "reasoning_content");
        return text != null && !text.isEmpty() ? text : Json.text(message, "reasoning");
    }

    static void toolCalls(JsonNode message, List<Part> parts) {
        for (JsonNode call : message.path("tool_calls")) {
            JsonNode function = call.path("function");
            SignedId id = SignedId.read(call.path("id").asText(""));
            String proof = signature(call);
            parts.add(new Part.ToolCall(
                    id.id().isEmpty() ? Part.ToolCall.newId() : id.id(),
                    function.path("name").asText(""),
                    arguments(function.path("arguments")),
                    proof == null ? id.signature() : proof));
        }
        JsonNode old = message.path("function_call");
        if (old.isObject()) {
            parts.add(new Part.ToolCall(
                    "call_" + old.path("name").asText(""),
                    old.path("name").asText(""),
                    arguments(old.path("arguments")),
                    null));
        }
    }

    private static String arguments(JsonNode node) {
        return node.isTextual() ? node.textValue() : node.isMissingNode() || node.isNull() ? "" : node.toString();
    }

    /** Reads one message of a client's body. */
    static Message read(JsonNode node, int position) {
        String where = "messages[" + position + "]";
        String role = Json.text(node, "role");
        String name = Json.text(node, "name");
        if (role == null) {
            throw new BadPayload(where + " has no role", where + ".role");
        }
        return switch (role) {
            case "system", "developer" ->
                new Message(Message.Role.SYSTEM, OpenAiParts.read(node.path("content"), where), name);
            case "user" -> new Message(Message.Role.USER, OpenAiParts.read(node.path("content"), where), name);
            case "assistant" -> new Message(Message.Role.ASSISTANT, said(node, where), name);
            case "tool" ->
                toolResult(
                        node,
                        SignedId.read(String.valueOf(Json.text(node, "tool_call_id")))
                                .id(),
                        where);
            case "function" -> toolResult(node, "call_" + name, where);
            default -> throw new BadPayload(where + " has an unknown role `" + role + "`", where + ".role");
        };
    }

    /** What the model said before, with the proofs and the pictures that its message had. */
    private static List<Part> said(JsonNode message, String where) {
        List<Part> parts = new ArrayList<>(answer(message));
        String listed = message.path(FIELDS).path(SIGNATURES).path(0).textValue();
        String proof = listed == null ? signature(message) : listed;
        for (int i = parts.size() - 1; i >= 0 && proof != null; i--) {
            if (parts.get(i) instanceof Part.Text text) {
                parts.set(i, new Part.Text(text.text(), text.cacheControl(), proof));
                proof = null;
            }
        }
        int calls = (int) parts.stream()
                .takeWhile(part -> !(part instanceof Part.ToolCall))
                .count();
        for (JsonNode image : message.path("images")) {
            if (Json.has(image, "image_url")) {
                parts.add(calls++, OpenAiParts.image(image, signature(image), where));
            }
        }
        return parts;
    }

    private static Message toolResult(JsonNode node, String id, String where) {
        return new Message(
                Message.Role.TOOL,
                List.of(new Part.ToolResult(
                        id, OpenAiParts.read(node.path("content"), where), false, OpenAiParts.mark(node))),
                null);
    }
}
