package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens of pictures, which cost other than those of text. */
class GeminiPictureTest {
    private static final Wire CHAT = new OpenAiChatWire(InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)));

    /** A picture was sent with the prompt; a sentence and a picture come back. */
    private static final String DRAWN = """
            data: {"candidates": [{"content": {"parts": [{"text": "Here: "}], "role": "model"}, "index": 0}],\
             "usageMetadata": {"promptTokenCount": 266, "totalTokenCount": 266,\
             "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}, {"modality": "IMAGE", "tokenCount": 258}]},\
             "modelVersion": "gemini-2.5-flash-image", "responseId": "r1"}

            data: {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}],\
             "role": "model"}, "finishReason": "STOP", "index": 0}],\
             "usageMetadata": {"promptTokenCount": 266, "candidatesTokenCount": 1315, "totalTokenCount": 1581,\
             "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}, {"modality": "IMAGE", "tokenCount": 258}],\
             "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]}, "responseId": "r1"}

            """;

    @Test
    void aStreamedPictureIsCountedAsOne() {
        List<ChatEvent> events = Samples.read(() -> new GeminiDialect().chat().decoder(), DRAWN);
        assertThat(events)
                .containsExactly(
                        new ChatEvent.Start("r1", "gemini-2.5-flash-image", Usage.NONE),
                        new ChatEvent.Text(0, "Here: "),
                        new ChatEvent.Tokens(Usage.of(266, 0).withPictures(258, 0)),
                        new ChatEvent.Image(0, "image/png", "AAAA"),
                        new ChatEvent.Finish(0, FinishReason.STOP, null),
                        new ChatEvent.Tokens(Usage.of(266, 1315).withPictures(258, 1290)));
        JsonNode usage = Samples.events(CHAT.encoder("call", "shown", true), events).stream()
                .map(chunk -> chunk.path("usage"))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElseThrow();
        assertThat(usage.at("/prompt_tokens_details/image_tokens").asInt()).isEqualTo(258);
        assertThat(usage.at("/completion_tokens_details/image_tokens").asInt()).isEqualTo(1290);
    }

    @Test
    void aWholeAnswersPictureIsCountedAsOne() {
        JsonNode shown =
                Json.readObject(CHAT.write(new GeminiDialect().chat().decode(Buffer.buffer("""
                        {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
                          "finishReason": "STOP"}],
                         "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 1290, "totalTokenCount": 1298,
                           "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]}}
                        """)), "call", "shown"));
        assertThat(shown.at("/usage/completion_tokens_details/image_tokens").asInt())
                .isEqualTo(1290);
        assertThat(shown.at("/usage/prompt_tokens_details").has("image_tokens")).isFalse();
    }

    @Test
    void picturesSeenAreCountedApartUnlessTheyCameFromTheCache() {
        Usage usage = GeminiUsage.read(Samples.json("""
                {"usageMetadata": {"promptTokenCount": 700, "toolUsePromptTokenCount": 10, "cachedContentTokenCount": 300,
                  "candidatesTokenCount": 5, "totalTokenCount": 715,
                  "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 184}, {"modality": "IMAGE", "tokenCount": 516}],
                  "cacheTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}, {"modality": "TEXT", "tokenCount": 42}],
                  "toolUsePromptTokensDetails": [{"modality": "IMAGE", "tokenCount": 4}]}}
                """));
        assertThat(usage).isEqualTo(new Usage(710, 300, 0, 0, 0, 5, 0, 0, 0, true).withPictures(262, 0));
    }
}
