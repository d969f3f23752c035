package dev.tollgate.provider.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One piece of a message's content. */
public sealed interface Part {

    /**
     * Plain text.
     *
     * @param text the text
     * @param cacheControl Anthropic-style {@code cache_control} mark, or null
     * @param signature opaque proof that a provider wants back with the text (Gemini thought signature), or null
     */
    record Text(
            String text,
            @Nullable JsonNode cacheControl,
            @Nullable String signature) implements Part {
        /** Text without a cache mark. */
        public Text(String text) {
            this(text, null, null);
        }

        /** Text that nobody signed. */
        public Text(String text, @Nullable JsonNode cacheControl) {
            this(text, cacheControl, null);
        }
    }

    /**
     * A picture, by URL or inline.
     *
     * @param url where it is, or null when inline
     * @param mediaType such as {@code image/png}; when by URL only if the client says so
     * @param base64 its bytes; null when by URL
     * @param detail OpenAI's {@code detail}, or null
     * @param cacheControl cache mark, or null
     * @param signature opaque proof that a provider wants back with a picture of its own, or null
     */
    record Image(
            @Nullable String url,
            @Nullable String mediaType,
            @Nullable String base64,
            @Nullable String detail,
            @Nullable JsonNode cacheControl,
            @Nullable String signature)
            implements Part {
        /** A picture that nobody signed. */
        public Image(
                @Nullable String url,
                @Nullable String mediaType,
                @Nullable String base64,
                @Nullable String detail,
                @Nullable JsonNode cacheControl) {
            this(url, mediaType, base64, detail, cacheControl, null);
        }
    }

    /**
     * A document such as a PDF, or a video, inline or by URL or by a provider's file id.
     *
     * @param name file name or title, or null
     * @param url where it is, or null
     * @param mediaType such as {@code application/pdf}, or null
     * @param base64 its bytes, or null
     * @param fileId a provider's file id, or null
     * @param cacheControl cache mark, or null
     * @param video what of a video to look at, as LiteLLM's {@code video_metadata} says it, or null
     * @param usualType what it most likely is when neither {@code mediaType} nor its link or name says so, or null
     */
    record Document(
            @Nullable String name,
            @Nullable String url,
            @Nullable String mediaType,
            @Nullable String base64,
            @Nullable String fileId,
            @Nullable JsonNode cacheControl,
            @Nullable JsonNode video,
            @Nullable String usualType)
            implements Part {
        /** A document that is to be read whole. */
        public Document(
                @Nullable String name,
                @Nullable String url,
                @Nullable String mediaType,
                @Nullable String base64,
                @Nullable String fileId,
                @Nullable JsonNode cacheControl) {
            this(name, url, mediaType, base64, fileId, cacheControl, null, null);
        }
    }

    /**
     * Sound.
     *
     * @param format {@code wav}, {@code mp3} …, or a media type
     * @param base64 its bytes
     */
    record Audio(String format, String base64) implements Part {}

    /**
     * Visible reasoning of the model.
     *
     * @param text the reasoning
     * @param signature opaque proof that a provider wants back unchanged, or null
     */
    record Thinking(String text, @Nullable String signature) implements Part {}

    /**
     * Reasoning that the provider encrypted.
     *
     * @param data opaque, to be sent back unchanged
     */
    record RedactedThinking(String data) implements Part {}

    /**
     * The model wants a tool run.
     *
     * @param id id that the result must name
     * @param name the tool
     * @param arguments JSON text of its arguments, as the model wrote it
     * @param signature opaque proof that a provider wants back with the call (Gemini thought signature), or null
     */
    record ToolCall(
            String id,
            String name,
            String arguments,
            @Nullable String signature) implements Part {
        /** An id for a call whose provider gave none; unlike a counter it stays unique over the turns of a conversation. */
        public static String newId() {
            return "call_" + UUID.randomUUID().toString().replace("-", "");
        }
    }

    /**
     * What the tool answered.
     *
     * @param toolCallId which call
     * @param content text and pictures
     * @param error whether the tool failed
     * @param cacheControl cache mark, or null
     */
    record ToolResult(
            String toolCallId,
            List<Part> content,
            boolean error,
            @Nullable JsonNode cacheControl) implements Part {}
}
