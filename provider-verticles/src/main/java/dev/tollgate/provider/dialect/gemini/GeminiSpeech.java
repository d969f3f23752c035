package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's {@code modalities} and {@code audio} in Google's words (ai.google.dev, "Speech generation"). Models that speak say
 * nothing in writing. Until 3.8 they knew one format, raw PCM; since then a whole answer is a WAV file unless another is asked for.
 */
final class GeminiSpeech {
    private static final Pattern SPEAKS = Pattern.compile("-tts");
    private static final Pattern VERSION = Pattern.compile("gemini-(\\d{1,3})(?:\\.(\\d{1,2}))?-");
    private static final int FORMATS_SINCE = 308;
    private static final int MAJOR = 100;
    private static final Map<String, String> FORMATS =
            Map.of("pcm16", "AUDIO_L16", "wav", "AUDIO_WAV", "mp3", "AUDIO_MP3", "opus", "AUDIO_OGG_OPUS");

    private GeminiSpeech() {}

    /** Adds what the client asks for in OpenAI's way, where it does not ask in Google's. */
    static void write(Map<String, JsonNode> extra, String model, ObjectNode config) {
        JsonNode audio = extra.getOrDefault("audio", Json.object());
        JsonNode listed = extra.get("modalities");
        modalities(
                listed != null && listed.isArray() ? listed : null,
                !audio.isEmpty(),
                SPEAKS.matcher(model).find(),
                config);
        if (!audio.isObject()) {
            return;
        }
        if (Json.has(audio, "voice") && !config.has("speechConfig")) {
            config.putObject("speechConfig").set("voiceConfig", voice(audio.get("voice")));
        }
        String format = Json.text(audio, "format");
        if (format != null) {
            format(format, model, config);
        }
    }

    private static void modalities(@Nullable JsonNode asked, boolean audio, boolean speaks, ObjectNode config) {
        if (config.has("responseModalities") || (asked == null && !audio)) {
            return;
        }
        ArrayNode list = config.putArray("responseModalities");
        if (asked == null || speaks) {
            list.add("AUDIO");
        } else {
            asked.forEach(item -> list.add(item.asText().toUpperCase(Locale.ROOT)));
        }
    }

    /** Google's own voices go by name, those that a customer made by id. */
    private static ObjectNode voice(JsonNode voice) {
        String id = Json.text(voice, "id");
        String name = id == null ? voice.asText("") : id;
        ObjectNode config = Json.object();
        if (id != null || name.startsWith("voice_") || name.startsWith("voicekey_")) {
            config.put("voice", name);
        } else {
            config.putObject("prebuiltVoiceConfig").put("voiceName", name);
        }
        return config;
    }

    private static void format(String format, String model, ObjectNode config) {
        boolean choice = version(model) >= FORMATS_SINCE;
        String theirs = FORMATS.get(format);
        if (theirs == null || !(choice || format.equals("pcm16"))) {
            throw new BadPayload(
                    "Gemini's model `" + model + "` cannot speak in the format `" + format + "`: ask for `pcm16`",
                    "audio.format");
        }
        if (choice && !config.has("responseFormat")) {
            config.putObject("responseFormat").putObject("audio").put("mimeType", theirs);
        }
    }

    private static int version(String model) {
        Matcher version = VERSION.matcher(model);
        if (!version.find()) {
            return 0;
        }
        int minor = version.group(2) == null ? 0 : Integer.parseInt(version.group(2));
        return Integer.parseInt(version.group(1)) * MAJOR + minor;
    }
}
