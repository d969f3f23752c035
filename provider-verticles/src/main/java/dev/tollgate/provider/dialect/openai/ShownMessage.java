package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** A whole answer as a message of OpenAI's; what that API has no place for stands where LiteLLM's clients look for it. */
final class ShownMessage {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thoughts = new StringBuilder();
    private final ArrayNode blocks = Json.object().arrayNode();
    private final ArrayNode calls = Json.object().arrayNode();
    private final ArrayNode images = Json.object().arrayNode();
    private final List<String> sounds = new ArrayList<>();

    private ShownMessage(ChatResponse.Choice choice) {
        choice.content().forEach(this::add);
    }

    /**
     * Writes one answer.
     *
     * @param extra what the provider says beside it, by name
     * @param audioId id to use for sound
     * @param expires when to say that the sound cannot be referred to any more
     */
    static void write(
            ChatResponse.Choice choice, Map<String, JsonNode> extra, String audioId, long expires, ObjectNode message) {
        new ShownMessage(choice).write(extra, audioId, expires, message.put("role", "assistant"));
    }

    private void add(Part part) {
        switch (part) {
            case Part.Text piece -> text.append(piece.text());
            case Part.Thinking thinking -> {
                thoughts.append(thinking.text());
                ObjectNode block = blocks.addObject().put("type", "thinking").put("thinking", thinking.text());
                if (thinking.signature() != null) {
                    block.put("signature", thinking.signature());
                }
            }
            case Part.RedactedThinking redacted ->
                blocks.addObject().put("type", "redacted_thinking").put("data", redacted.data());
            case Part.ToolCall call -> calls.add(OpenAiMessages.sign(OpenAiMessages.toolCall(call), call.signature()));
            case Part.Image image ->
                images.add(OpenAiMessages.picture(images.size(), image.mediaType(), image.base64(), image.signature()));
            case Part.Audio audio -> sounds.add(audio.base64());
            case Part.Document _, Part.ToolResult _ -> {}
        }
    }

    private void write(Map<String, JsonNode> extra, String audioId, long expires, ObjectNode message) {
        if (!images.isEmpty()) {
            message.set("images", images);
        }
        if (text.isEmpty() && !(calls.isEmpty() && sounds.isEmpty())) {
            message.putNull("content");
        } else {
            message.put("content", text.toString());
        }
        if (!thoughts.isEmpty()) {
            message.put("reasoning_content", thoughts.toString());
        }
        if (!blocks.isEmpty()) {
            message.set("thinking_blocks", blocks);
        }
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
        if (!sounds.isEmpty()) {
            message.putObject("audio")
                    .put("id", audioId)
                    .put("data", joined(sounds))
                    .put("expires_at", expires)
                    .put("transcript", "");
        }
        if (!extra.isEmpty()) {
            message.putObject(OpenAiMessages.FIELDS).setAll(extra);
        }
    }

    /** One after the other; base64 texts that are put together are no base64. */
    private static String joined(List<String> sounds) {
        if (sounds.size() == 1) {
            return sounds.getFirst();
        }
        Buffer all = Buffer.buffer();
        try {
            sounds.forEach(sound -> all.appendBytes(Base64.getMimeDecoder().decode(sound)));
        } catch (IllegalArgumentException _) {
            throw new BadPayload("its sound is not valid base64");
        }
        return Base64.getEncoder().encodeToString(all.getBytes());
    }
}
