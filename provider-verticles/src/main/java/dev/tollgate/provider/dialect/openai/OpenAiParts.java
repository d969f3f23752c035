package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Content of a client's message: text, pictures, sound, files; with what LiteLLM lets its clients add. */
final class OpenAiParts {
    private static final Pattern LINK = Pattern.compile("(https?|gs)://", Pattern.CASE_INSENSITIVE);

    private OpenAiParts() {}

    /** A string, or a list of parts. */
    static List<Part> read(JsonNode content, String where) {
        if (content.isTextual()) {
            return List.of(new Part.Text(content.textValue()));
        }
        if (content.isMissingNode() || content.isNull()) {
            return List.of();
        }
        if (!content.isArray()) {
            throw new BadPayload(where + ".content must be a string or a list of parts", where + ".content");
        }
        List<Part> parts = new ArrayList<>();
        content.forEach(part -> parts.add(part(part, where)));
        return parts;
    }

    private static Part part(JsonNode part, String where) {
        if (part.isTextual()) {
            return new Part.Text(part.textValue());
        }
        String type = part.path("type").asText("text");
        return switch (type) {
            case "text", "input_text" -> new Part.Text(part.path("text").asText(""), mark(part));
            case "image_url", "input_image" -> image(part, null, where);
            case "input_audio" -> audio(part.path("input_audio"), where);
            case "file" -> document(part.path("file"), mark(part), where);
            default -> throw new BadPayload(where + " has a part of unknown type `" + type + "`", where + ".content");
        };
    }

    /**
     * A picture.
     *
     * @param signature proof of the provider whose model made it, or null
     */
    static Part image(JsonNode part, @Nullable String signature, String where) {
        JsonNode image = part.path("image_url");
        String url = image.isTextual() ? image.textValue() : Json.text(image, "url");
        if (url == null) {
            throw new BadPayload(where + " has an image without a URL", where + ".content");
        }
        String detail = Json.text(image, "detail");
        String format = mediaType(image);
        DataUrl data = DataUrl.parse(url);
        return data == null
                ? new Part.Image(url, format, null, detail, mark(part), signature)
                : new Part.Image(
                        null, format == null ? data.mediaType() : format, data.base64(), detail, mark(part), signature);
    }

    private static Part audio(JsonNode audio, String where) {
        String given = audio.path("data").asText("");
        if (given.isEmpty()) {
            throw new BadPayload(where + " has sound without data", where + ".content");
        }
        DataUrl data = DataUrl.parse(given);
        String format = audio.path("format").asText(data == null ? "wav" : data.mediaType());
        return new Part.Audio(format, data == null ? given : data.base64());
    }

    /** LiteLLM's clients may give a link as the id of a file, and say in {@code format} what it leads to. */
    private static Part document(JsonNode file, @Nullable JsonNode mark, String where) {
        String inline = Json.text(file, "file_data");
        String id = Json.text(file, "file_id");
        if (inline == null && id == null) {
            throw new BadPayload(where + " has a file with neither file_data nor file_id", where + ".content");
        }
        if (isLink(inline)) {
            throw new BadPayload(where + " has a link as file_data; a link is a file_id", where + ".content");
        }
        DataUrl data = inline == null ? null : DataUrl.parse(inline);
        String format = mediaType(file);
        boolean link = inline == null && isLink(id);
        return new Part.Document(
                Json.text(file, "filename"),
                link ? id : null,
                format == null && data != null ? data.mediaType() : format,
                data == null ? inline : data.base64(),
                inline == null && !link ? id : null,
                mark,
                file.get("video_metadata"),
                null);
    }

    /** Only a media type says more than the data or the link does. */
    private static @Nullable String mediaType(JsonNode given) {
        String format = Json.text(given, "format");
        return format != null && format.indexOf('/') > 0 ? format : null;
    }

    private static boolean isLink(@Nullable String text) {
        return text != null && LINK.matcher(text).lookingAt();
    }

    static @Nullable JsonNode mark(JsonNode node) {
        return Json.has(node, "cache_control") ? node.get("cache_control") : null;
    }
}
