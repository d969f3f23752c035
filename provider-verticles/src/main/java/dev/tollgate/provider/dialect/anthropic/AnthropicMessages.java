package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;

/**
 * A conversation as Anthropic wants it: system messages go to {@code system}, neighbours of one role are joined, tool results are
 * blocks of the user's. The API refuses messages without content and a last assistant message that ends in white space.
 */
final class AnthropicMessages {
    private AnthropicMessages() {}

    static void write(ChatRequest request, ObjectNode body) {
        ArrayNode system = Json.object().arrayNode();
        ArrayNode messages = Json.object().arrayNode();
        for (Message message : request.messages()) {
            if (message.role() == Message.Role.SYSTEM) {
                AnthropicBlocks.write(message.content(), system);
            } else {
                add(message, messages);
            }
        }
        if (request.responseFormat() instanceof ResponseFormat.JsonObject) {
            system.addObject().put("type", "text").put("text", "Answer with one valid JSON object and nothing else.");
        }
        if (messages.isEmpty()) {
            throw new BadPayload(
                    "Anthropic needs at least one message with content that is not a system message", "messages");
        }
        stripTail(messages.get(messages.size() - 1));
        if (!system.isEmpty()) {
            body.set("system", system);
        }
        body.set("messages", messages);
    }

    private static void add(Message message, ArrayNode messages) {
        ArrayNode blocks = messages.arrayNode();
        boolean model = message.role() == Message.Role.ASSISTANT;
        // A picture that another provider's model made is none of the model's own words here.
        AnthropicBlocks.write(
                model
                        ? message.content().stream()
                                .filter(part -> !(part instanceof Part.Image))
                                .toList()
                        : message.content(),
                blocks);
        if (blocks.isEmpty()) {
            return;
        }
        String role = model ? "assistant" : "user";
        if (!messages.isEmpty()
                && messages.get(messages.size() - 1).path("role").asText().equals(role)) {
            ((ArrayNode) messages.get(messages.size() - 1).get("content")).addAll(blocks);
        } else {
            messages.addObject().put("role", role).set("content", blocks);
        }
    }

    private static void stripTail(JsonNode last) {
        if (last.path("role").asText().equals("assistant")
                && last.get("content").get(last.get("content").size() - 1) instanceof ObjectNode block
                && block.path("type").asText().equals("text")) {
            block.put("text", block.path("text").asText().stripTrailing());
        }
    }
}
