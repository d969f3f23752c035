package dev.tollgate.provider.dialect.gemini;

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
 * {@code contents} and {@code systemInstruction} to and from canonical messages. Results name the function, so names are looked up
 * in the conversation. Calls have ids since the third generation only; before, ids are invented here and not sent back.
 */
final class GeminiContents {
    /** Stands for a signature that the client lost on the way (ai.google.dev, "Thought signatures"). */
    private static final String NO_SIGNATURE = "skip_thought_signature_validator";

    private final boolean signed;
    private final Map<String, String> functions = new HashMap<>();
    private final ArrayNode contents = Json.object().arrayNode();
    private final ArrayNode system = contents.arrayNode();
    private Message.@Nullable Role lastRole;
    private ArrayNode turn = contents.arrayNode();
    private ArrayNode parts = contents.arrayNode();

    private GeminiContents(boolean signed) {
        this.signed = signed;
    }

    /**
     * A body with both members.
     *
     * @param signed whether the model wants ids, and a signature with every first call
     */
    static ObjectNode write(List<Message> messages, boolean signed) {
        GeminiContents writer = new GeminiContents(signed);
        messages.forEach(writer::message);
        ObjectNode body = Json.object();
        if (writer.contents.isEmpty()) {
            // The API wants at least one turn, with text in it.
            if (writer.system.isEmpty()) {
                writer.system.addObject().put("text", " ");
            }
            writer.contents.addObject().put("role", "user").set("parts", writer.system);
        } else if (!writer.system.isEmpty()) {
            body.putObject("systemInstruction").set("parts", writer.system);
        }
        body.set("contents", writer.contents);
        return body;
    }

    private void message(Message message) {
        if (message.role() == Message.Role.SYSTEM) {
            message.content().forEach(part -> {
                if (part instanceof Part.Text text && !text.text().isEmpty()) {
                    system.addObject().put("text", text.text());
                }
            });
            return;
        }
        parts = contents.arrayNode();
        boolean firstCall = true;
        for (Part part : message.content()) {
            part(part, firstCall);
            firstCall &= !(part instanceof Part.ToolCall);
        }
        if (parts.isEmpty() && message.role() == Message.Role.USER) {
            // The API refuses empty text, and what the model says next must follow something.
            parts.addObject().put("text", " ");
        }
        if (!parts.isEmpty()) {
            turn(message.role());
        }
    }

    /** Results make a turn of their own: what the user says after them is not one of the answers that the calls wait for. */
    private void turn(Message.Role role) {
        if (role != lastRole) {
            lastRole = role;
            turn = contents.addObject()
                    .put("role", role == Message.Role.ASSISTANT ? "model" : "user")
                    .putArray("parts");
        }
        turn.addAll(parts);
    }

    private void part(Part part, boolean firstCall) {
        switch (part) {
            case Part.Text text -> {
                if (!text.text().isEmpty()) {
                    sign(parts.addObject().put("text", text.text()), text.signature());
                }
            }
            case Part.Image image -> {
                ObjectNode picture = GeminiMedia.image(image);
                sign(picture, image.signature());
                parts.add(picture);
            }
            case Part.Document document -> parts.add(GeminiMedia.document(document));
            case Part.Audio audio -> parts.add(GeminiMedia.audio(audio));
            case Part.ToolCall call -> call(call, firstCall);
            case Part.ToolResult result -> result(result);
            // Thoughts are never sent back; what matters of them is the signature on the call.
            case Part.Thinking _, Part.RedactedThinking _ -> {}
        }
    }

    /** The proof goes back in the very part that it came with. */
    private static void sign(ObjectNode part, @Nullable String signature) {
        if (signature != null) {
            part.put("thoughtSignature", signature);
        }
    }

    private void call(Part.ToolCall call, boolean first) {
        functions.put(call.id(), call.name());
        ObjectNode part = parts.addObject();
        ObjectNode function = part.putObject("functionCall");
        if (signed) {
            function.put("id", call.id());
        }
        function.put("name", call.name()).set("args", Json.readArguments(call.arguments()));
        sign(part, call.signature() == null && signed && first ? NO_SIGNATURE : call.signature());
    }

    private void result(Part.ToolResult result) {
        StringBuilder text = new StringBuilder();
        List<Part> media = new ArrayList<>();
        for (Part part : result.content()) {
            if (part instanceof Part.Text piece) {
                text.append(piece.text());
            } else {
                media.add(part);
            }
        }
        ObjectNode response = parts.addObject().putObject("functionResponse");
        if (signed) {
            response.put("id", result.toolCallId());
        }
        response.put("name", functions.getOrDefault(result.toolCallId(), result.toolCallId()))
                .set("response", response(text.toString(), result.error()));
        media.forEach(part -> part(part, false));
    }

    /** The API wants an object: what is none is wrapped. */
    private static JsonNode response(String text, boolean error) {
        if (error) {
            return Json.object().put("error", text);
        }
        if (text.stripLeading().startsWith("{")) {
            try {
                if (Json.read(text) instanceof ObjectNode object) {
                    return object;
                }
            } catch (BadPayload _) {
                // Text that only begins like JSON.
            }
        }
        return Json.object().put("result", text);
    }

    /** Parts of a candidate's content. */
    static List<Part> read(JsonNode content) {
        List<Part> found = new ArrayList<>();
        for (JsonNode part : content.path("parts")) {
            Part read = readPart(part);
            if (read != null) {
                found.add(read);
            }
        }
        return found;
    }

    /**
     * One part of an answer, or null when it says nothing to a chat client. The proof of a text is left out: Google does not ask for
     * it, and other providers refuse a message that has one.
     */
    static @Nullable Part readPart(JsonNode part) {
        String signature = Json.text(part, "thoughtSignature");
        JsonNode call = part.path("functionCall");
        if (call.isObject()) {
            String id = Json.text(call, "id");
            return new Part.ToolCall(
                    id == null || id.isEmpty() ? Part.ToolCall.newId() : id,
                    call.path("name").asText(""),
                    Json.has(call, "args") ? call.get("args").toString() : "{}",
                    signature);
        }
        String text = Json.text(part, "text");
        boolean thought = part.path("thought").asBoolean(false);
        if (text != null) {
            return thought ? new Part.Thinking(text, null) : text.isEmpty() ? null : new Part.Text(text);
        }
        JsonNode media = part.path("inlineData");
        if (media.isObject()) {
            // What a model sketches while it thinks is not its answer.
            return thought ? null : media(media, signature);
        }
        return code(part);
    }

    private static Part media(JsonNode media, @Nullable String signature) {
        String type = media.path("mimeType").asText("image/png");
        String data = media.path("data").asText("");
        return type.startsWith("audio/")
                ? new Part.Audio(type.substring("audio/".length()), data)
                : new Part.Image(null, type, data, null, null, signature);
    }

    /** Google's own tool shows what it ran and what came of it. */
    private static @Nullable Part code(JsonNode part) {
        JsonNode code = part.path("executableCode");
        if (code.isObject()) {
            return new Part.Text("```" + code.path("language").asText("").toLowerCase(Locale.ROOT) + "\n"
                    + code.path("code").asText("") + "\n```\n");
        }
        JsonNode outcome = part.path("codeExecutionResult");
        return outcome.isObject()
                ? new Part.Text("```\n" + outcome.path("output").asText("") + "\n```\n")
                : null;
    }
}
