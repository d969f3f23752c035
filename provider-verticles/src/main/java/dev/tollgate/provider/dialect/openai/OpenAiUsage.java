package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's usage object, with the dialects of it: cached tokens under {@code prompt_tokens_details}, DeepSeek's
 * {@code prompt_cache_hit_tokens}, and the names that LiteLLM adds for cache writes. Where {@code total_tokens} says that reasoning is
 * not part of {@code completion_tokens} (xAI), it is added. An object without any known figure is no usage: it would make the call
 * free. Figures below zero or beyond all reason count as none.
 */
final class OpenAiUsage {
    private static final double MOST = 1e14;
    private static final String IMAGES = "image_tokens";

    private long prompt;
    private long cacheRead;
    private long cacheWrite;
    private long audioPrompt;
    private long imagePrompt;
    private long completion;
    private long reasoning;
    private long audioCompletion;
    private long imageCompletion;
    private long total;
    private boolean seen;

    private OpenAiUsage() {}

    /** Reads the object the parser stands at the beginning of, to its end; anything else is no usage. */
    static Usage read(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return Usage.NONE;
        }
        OpenAiUsage usage = new OpenAiUsage();
        usage.members(parser, "");
        return usage.usage();
    }

    private void members(JsonParser parser, String parent) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value.isNumeric()) {
                double figure = parser.getDoubleValue();
                set(parent, name, figure > 0 && figure < MOST ? (long) figure : 0);
            } else if (value == JsonToken.START_OBJECT && parent.isEmpty()) {
                members(parser, name);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void set(String parent, String name, long value) {
        switch (parent) {
            case "" -> {
                switch (name) {
                    case "prompt_tokens", "input_tokens" -> {
                        prompt = value;
                        seen = true;
                    }
                    case "completion_tokens", "output_tokens" -> {
                        completion = value;
                        seen = true;
                    }
                    case "total_tokens" -> total = value;
                    case "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens" ->
                        cacheRead = Math.max(cacheRead, value);
                    case "cache_creation_input_tokens" -> cacheWrite = Math.max(cacheWrite, value);
                    default -> {}
                }
            }
            case "prompt_tokens_details", "input_tokens_details" -> {
                switch (name) {
                    case "cached_tokens" -> cacheRead = Math.max(cacheRead, value);
                    case "cache_creation_tokens", "cache_write_tokens" -> cacheWrite = Math.max(cacheWrite, value);
                    case "audio_tokens" -> audioPrompt = value;
                    case IMAGES -> imagePrompt = value;
                    default -> {}
                }
            }
            case "completion_tokens_details", "output_tokens_details" -> {
                switch (name) {
                    case "reasoning_tokens" -> reasoning = value;
                    case "audio_tokens" -> audioCompletion = value;
                    case IMAGES -> imageCompletion = value;
                    default -> {}
                }
            }
            default -> {}
        }
    }

    private Usage usage() {
        if (!seen) {
            return Usage.NONE;
        }
        boolean apart = reasoning > 0 && total == prompt + completion + reasoning;
        long generated = apart ? completion + reasoning : completion;
        return new Usage(prompt, cacheRead, cacheWrite, 0, audioPrompt, generated, reasoning, audioCompletion, 0, true)
                .withPictures(imagePrompt, imageCompletion);
    }

    /** The same from a tree. */
    static Usage of(JsonNode usage) {
        if (!usage.isObject()) {
            return Usage.NONE;
        }
        try (JsonParser parser = usage.traverse()) {
            parser.nextToken();
            return read(parser);
        } catch (IOException e) {
            throw new IllegalStateException("A tree can always be read", e);
        }
    }

    /** The service tier that an answer or a chunk names; null: none. */
    static @Nullable ServiceTier tier(JsonNode answer) {
        String name = Json.text(answer, ServiceTier.MEMBER);
        return name == null ? null : ServiceTier.named(name);
    }

    /** The object as clients of OpenAI and LiteLLM read it. */
    static ObjectNode write(Usage usage) {
        ObjectNode object = Json.object()
                .put("prompt_tokens", usage.prompt())
                .put("completion_tokens", usage.completion())
                .put("total_tokens", usage.total());
        ObjectNode prompt = object.putObject("prompt_tokens_details")
                .put("cached_tokens", usage.cacheRead())
                .put("cache_creation_tokens", usage.cacheWrite())
                .put("audio_tokens", usage.audioPrompt());
        ObjectNode completion = object.putObject("completion_tokens_details")
                .put("reasoning_tokens", usage.reasoning())
                .put("audio_tokens", usage.audioCompletion());
        if (usage.imagePrompt() > 0) {
            prompt.put(IMAGES, usage.imagePrompt());
        }
        if (usage.imageCompletion() > 0) {
            completion.put(IMAGES, usage.imageCompletion());
        }
        if (usage.cacheRead() > 0) {
            object.put("cache_read_input_tokens", usage.cacheRead());
        }
        if (usage.cacheWrite() > 0) {
            object.put("cache_creation_input_tokens", usage.cacheWrite());
        }
        return object;
    }
}
