package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.anthropic.AnthropicWire;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiSoundTest {
    private static final Wire CHAT = new OpenAiChatWire(InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)));
    private static final String SPEECH = """
            data: {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000",\
             "data": "AAAA"}}], "role": "model"}, "index": 0}], "modelVersion": "gemini-3.8-flash-tts", "responseId": "r1"}

            data: {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000",\
             "data": "AQI="}}], "role": "model"}, "finishReason": "STOP", "index": 0}],\
             "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 48, "totalTokenCount": 56,\
             "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}],\
             "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 48}]}, "responseId": "r1"}

            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gemini-2.5-flash-preview-tts | "modalities": ["audio"], "audio": {"voice": "Kore", "format": "pcm16"} \
              | {"responseModalities": ["AUDIO"], "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}}
            gemini-3.8-flash-tts | "modalities": ["text", "audio"], "audio": {"voice": "Kore", "format": "pcm16"} \
              | {"responseModalities": ["AUDIO"], "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}, \
                 "responseFormat": {"audio": {"mimeType": "AUDIO_L16"}}}
            gemini-4-flash-tts | "modalities": ["audio"], "audio": {"format": "wav"} \
              | {"responseModalities": ["AUDIO"], "responseFormat": {"audio": {"mimeType": "AUDIO_WAV"}}}
            gemini-3.8-flash-tts | "audio": {"voice": {"id": "voice_1"}} \
              | {"responseModalities": ["AUDIO"], "speechConfig": {"voiceConfig": {"voice": "voice_1"}}}
            gemini-3.8-flash-tts | "audio": {"voice": "voicekey_1"} \
              | {"responseModalities": ["AUDIO"], "speechConfig": {"voiceConfig": {"voice": "voicekey_1"}}}
            gemini-3.8-flash-tts | "audio": {"voice": "Kore"}, "speechConfig": {"a": 1}, "responseModalities": ["TEXT"] \
              | {"responseModalities": ["TEXT"], "speechConfig": {"a": 1}}
            gemini-3.1-flash-image | "modalities": ["text", "image"] | {"responseModalities": ["TEXT", "IMAGE"]}
            gemini-2.5-flash       | "user": "u"                     | null
            """)
    void speechIsAskedForAsEachModelTakesIt(String model, String asked, String expected) {
        JsonNode config = sent(model, asked).path("generationConfig");
        assertThat(config.isMissingNode() ? Json.read("null") : config).isEqualTo(Json.read(expected));
    }

    @ParameterizedTest
    @CsvSource({"gemini-2.5-flash-preview-tts,wav", "gemini-3.1-flash-tts-preview,mp3", "gemini-3.8-flash-tts,flac"})
    void aFormatThatTheModelDoesNotSpeakIsRefused(String model, String format) {
        assertThatThrownBy(() -> sent(model, "\"audio\": {\"voice\": \"Kore\", \"format\": \"" + format + "\"}"))
                .isInstanceOfSatisfying(
                        BadPayload.class, e -> assertThat(e.param()).isEqualTo("audio.format"))
                .hasMessageContaining("pcm16");
    }

    @Test
    void wholeSpeechReachesAChatClientInOnePiece() {
        JsonNode body = whole(CHAT, """
                {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AQI="}},
                  {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AwQF"}}]}, "finishReason": "STOP"}],
                 "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 48, "totalTokenCount": 56,
                   "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 48}]}}
                """);
        assertThat(body.at("/choices/0/message")).isEqualTo(Samples.json("""
                {"role": "assistant", "content": null, "audio": {"id": "audio_call_0", "data": "AQIDBAU=",
                  "expires_at": 1700086400, "transcript": ""}}
                """));
        assertThat(body.at("/usage/completion_tokens_details/audio_tokens").asInt())
                .isEqualTo(48);
        assertThatThrownBy(() -> whole(CHAT, """
                        {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/wav", "data": "A"}},
                          {"inlineData": {"mimeType": "audio/wav", "data": "A"}}]}}]}
                        """)).isInstanceOf(BadPayload.class);
    }

    @Test
    void streamedSpeechReachesAChatClientAsItComes() {
        List<ChatEvent> events = Samples.read(() -> new GeminiDialect().chat().decoder(), SPEECH);
        assertThat(events)
                .containsExactly(
                        new ChatEvent.Start("r1", "gemini-3.8-flash-tts", Usage.NONE),
                        new ChatEvent.Audio(0, "AAAA"),
                        new ChatEvent.Audio(0, "AQI="),
                        new ChatEvent.Finish(0, FinishReason.STOP, null),
                        new ChatEvent.Tokens(new Usage(8, 0, 0, 0, 0, 48, 0, 48, 0, true)));

        List<JsonNode> chunks = Samples.events(CHAT.encoder("call", "shown", true), events);
        assertThat(chunks.stream().limit(4).map(chunk -> chunk.at("/choices/0/delta")))
                .containsExactly(
                        Samples.json(
                                "{\"role\": \"assistant\", \"audio\": {\"id\": \"audio_call_0\", \"data\": \"AAAA\"}}"),
                        Samples.json("{\"audio\": {\"data\": \"AQI=\"}}"),
                        Samples.json("{\"audio\": {\"expires_at\": 1700086400}}"),
                        Json.object());
        assertThat(chunks.get(2).at("/choices/0/finish_reason").isNull()).isTrue();
        assertThat(chunks.get(3).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(chunks.get(4)
                        .at("/usage/completion_tokens_details/audio_tokens")
                        .asInt())
                .isEqualTo(48);
    }

    @Test
    void anthropicsApiHasNoPlaceForSound() {
        List<ChatEvent> events = Samples.read(() -> new GeminiDialect().chat().decoder(), SPEECH);
        assertThat(new AnthropicWire().encoder("call", "shown", true).encode(events))
                .asString()
                .contains("message_start")
                .doesNotContain("AAAA", "content_block");
    }

    @Test
    void soundHeardIsCountedApartUnlessItCameFromTheCache() {
        Usage usage = GeminiUsage.read(Samples.json("""
                {"usageMetadata": {"promptTokenCount": 100, "toolUsePromptTokenCount": 10, "cachedContentTokenCount": 40,
                  "candidatesTokenCount": 5, "totalTokenCount": 115,
                  "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 20}, {"modality": "AUDIO", "tokenCount": 80}],
                  "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 30}, {"modality": "TEXT", "tokenCount": 10}],
                  "toolUsePromptTokensDetails": [{"modality": "AUDIO", "tokenCount": 4}]}}
                """));
        assertThat(usage.prompt()).isEqualTo(110);
        assertThat(usage.cacheRead()).isEqualTo(40);
        assertThat(usage.audioPrompt()).isEqualTo(54);
    }

    private static JsonNode sent(String model, String members) {
        ChatRequest request =
                CHAT.read(Samples.json("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], " + members + "}"));
        return Json.readObject(
                new GeminiDialect().chat().encode(request, Samples.deployment("gemini", model, "http://localhost")));
    }

    private static JsonNode whole(Wire wire, String answer) {
        return Json.readObject(wire.write(new GeminiDialect().chat().decode(Buffer.buffer(answer)), "call", "shown"));
    }
}
