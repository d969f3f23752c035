package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Pictures, sound, videos and documents as parts (ai.google.dev, "File input methods"): bytes as {@code inlineData}, what lies
 * elsewhere as {@code fileData}. Google fetches {@code https} links itself, but wants to be told what they lead to; of files stored
 * with it, and of YouTube's videos, it knows. It does not read {@code gs://} with an API key.
 */
final class GeminiMedia {
    private static final String FILES = "https://generativelanguage.googleapis.com/v1beta/";
    private static final Pattern YOUTUBE =
            Pattern.compile("https?://(((www|m)\\.)?youtube\\.com|youtu\\.be)/", Pattern.CASE_INSENSITIVE);
    private static final Pattern STORED =
            Pattern.compile("https://generativelanguage\\.googleapis\\.com/", Pattern.CASE_INSENSITIVE);
    private static final Pattern LINK = Pattern.compile("https?://", Pattern.CASE_INSENSITIVE);
    private static final String UNKNOWN = "application/octet-stream";
    private static final Map<String, String> TYPES = types(
            "image: png webp gif heic heif bmp jpeg jpg=jpeg",
            "video: mp4 webm mpeg mpg avi wmv mov=quicktime flv=x-flv 3gp=3gpp 3gpp",
            "audio: wav mp3 aiff aif=aiff aac ogg flac m4a opus",
            "text: html htm=html css csv xml rtf txt=plain md=plain js=javascript",
            "application: pdf json");

    private GeminiMedia() {}

    private static Map<String, String> types(String... families) {
        Map<String, String> types = new HashMap<>();
        for (String family : families) {
            String[] words = family.split(":? ");
            for (int i = 1; i < words.length; i++) {
                String[] sides = words[i].split("=");
                types.put(sides[0], words[0] + "/" + sides[sides.length - 1]);
            }
        }
        return Map.copyOf(types);
    }

    static ObjectNode image(Part.Image image) {
        if (image.base64() != null) {
            return inline(type(image.mediaType(), "image/png"), image.base64());
        }
        String given = known(image.mediaType());
        String type = first(given, byEnding(image.url()));
        boolean film = image.url() != null && YOUTUBE.matcher(image.url()).lookingAt();
        if (film || (type != null && !type.startsWith("image/"))) {
            // Budgets take a picture's link for a picture's tokens; a film may have a million.
            throw new BadPayload(
                    "a link to a video, sound or document is no `image_url`: send it as a part of type `file`, with the"
                            + " link as its `file_id` (a `document` in Anthropic's API)",
                    "messages");
        }
        return file(image.url(), given, first(type, "image/jpeg"));
    }

    static ObjectNode document(Part.Document document) {
        String named = byEnding(document.name());
        ObjectNode part;
        if (document.base64() != null) {
            part = inline(type(document.mediaType(), named == null ? "application/pdf" : named), document.base64());
        } else {
            String link = document.fileId() != null ? stored(document.fileId()) : document.url();
            String guess = first(byEnding(link), first(named, document.usualType()));
            part = file(link, known(document.mediaType()), guess);
        }
        video(document.video(), part);
        return part;
    }

    static ObjectNode audio(Part.Audio audio) {
        String format = audio.format().strip().toLowerCase(Locale.ROOT);
        return inline(format.contains("/") ? format : "audio/" + format, audio.base64());
    }

    private static ObjectNode inline(String type, String base64) {
        ObjectNode part = Json.object();
        part.putObject("inlineData").put("mimeType", type).put("data", base64);
        return part;
    }

    /** What Google knows better is not guessed at: its own files get the type that the client gave, or none. */
    private static ObjectNode file(@Nullable String link, @Nullable String given, @Nullable String guess) {
        if (link == null) {
            throw new BadPayload("a file has neither data nor a URL nor an id", "messages");
        }
        if (link.startsWith("gs://")) {
            throw new BadPayload(
                    "Gemini's API does not read gs:// links: register the file with Google's Files API and send its"
                            + " URI, or send a signed https link",
                    "messages");
        }
        if (!LINK.matcher(link).lookingAt()) {
            throw new BadPayload(
                    "Gemini takes a file as an https link, as the URI of a file stored with Google, or inline as a"
                            + " base64 data: URL",
                    "messages");
        }
        boolean own = STORED.matcher(link).lookingAt() || YOUTUBE.matcher(link).lookingAt();
        String said = own ? given : first(given, guess);
        if (said == null && !own) {
            throw new BadPayload(
                    "Gemini must be told what a link leads to when its path does not end like .pdf or .mp4: add the"
                            + " media type as `format`, such as application/pdf",
                    "messages");
        }
        ObjectNode part = Json.object();
        ObjectNode file = part.putObject("fileData").put("fileUri", link);
        if (said != null) {
            file.put("mimeType", said);
        }
        return part;
    }

    /** The URI of a file that Google stores; other ids are other providers'. */
    private static String stored(String id) {
        if (id.startsWith("files/")) {
            return FILES + id;
        }
        if (LINK.matcher(id).lookingAt()) {
            return id;
        }
        throw new BadPayload(
                "Gemini knows no file `" + id + "`: send the URI that Google's Files API gave (`files/…`), an https"
                        + " link, or the file inline",
                "messages");
    }

    /** A type that says something, in Google's spelling; null: none. */
    private static @Nullable String known(@Nullable String given) {
        String type = given == null ? "" : given.strip().toLowerCase(Locale.ROOT);
        return type.isEmpty() || type.equals(UNKNOWN) ? null : type.equals("image/jpg") ? "image/jpeg" : type;
    }

    private static String type(@Nullable String given, String otherwise) {
        String type = known(given);
        return type == null ? otherwise : type;
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one == null ? other : one;
    }

    private static @Nullable String byEnding(@Nullable String name) {
        if (name == null) {
            return null;
        }
        String path = name.replaceFirst("[?#].*$", "").toLowerCase(Locale.ROOT);
        return TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    }

    private static void video(@Nullable JsonNode wanted, ObjectNode part) {
        if (wanted == null || !wanted.isObject()) {
            return;
        }
        ObjectNode video = Json.object();
        copy(wanted, "fps", video, "fps");
        copy(wanted, "start_offset", video, "startOffset");
        copy(wanted, "end_offset", video, "endOffset");
        if (!video.isEmpty()) {
            part.set("videoMetadata", video);
        }
    }

    private static void copy(JsonNode from, String name, ObjectNode to, String theirs) {
        if (Json.has(from, name)) {
            to.set(theirs, from.get(name));
        }
    }
}
