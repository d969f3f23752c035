package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.dialect.openai.OpenAiCompletionsWire;
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

class GeminiAnswerTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));
    private static final String CALL_CHUNKS = """
            data: {"candidates": [{"content": {"parts": [{"text": "Hm – ", "thought": true}], "role": "model"}, "index": 0}],\
             "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8}, "modelVersion": "gemini-2.5-flash", "responseId": "r1"}\r
            \r
            data: {"candidates": [{"content": {"parts": [{"text": "Grüße"}, {"functionCall": {"name": "f", "args": {"a": 1}},\
             "thoughtSignature": "c2ln"}, {"functionCall": {"id": "own", "name": "g"}}], "role": "model"}, "index": 0}],\
             "modelVersion": "gemini-2.5-flash", "responseId": "r1"}\r
            \r
            data: {"candidates": [{"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": "STOP", "index": 0}],\
             "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 16,\
             "cachedContentTokenCount": 4}, "modelVersion": "gemini-2.5-flash", "responseId": "r1"}\r
            \r
            """;

    @Test
    void aWholeAnswerReachesAChatClient() {
        assertThat(shown(new OpenAiChatWire(CLOCK), """
                {"candidates": [
                  {"content": {"role": "model", "parts": [
                    {"text": "Let me think.", "thought": true}, {"text": "Sun"}, {"text": "ny."},
                    {"functionCall": {"id": "own", "name": "f", "args": {"a": [1, "ü"]}}, "thoughtSignature": "c2ln"},
                    {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                    {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "BBBB"}}]},
                   "finishReason": "STOP", "index": 0, "groundingMetadata": {"webSearchQueries": ["a", "b"]}},
                  {"content": {"parts": [{"executableCode": {"language": "PYTHON", "code": "1+1"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}}]},
                   "finishReason": "MAX_TOKENS", "index": 1}],
                 "usageMetadata": {"promptTokenCount": 10, "toolUsePromptTokenCount": 2, "cachedContentTokenCount": 6,
                   "candidatesTokenCount": 7, "thoughtsTokenCount": 5, "totalTokenCount": 24,
                   "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}, {"modality": "AUDIO", "tokenCount": 1}],
                   "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 3}]},
                 "modelVersion": "gemini-2.5-flash", "responseId": "r1"}
                """)).isEqualTo(Samples.json("""
                {"id": "chatcmpl-call", "object": "chat.completion", "created": 1700000000, "model": "shown",
                 "choices": [
                   {"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
                     "role": "assistant", "content": "Sunny.", "reasoning_content": "Let me think.",
                     "thinking_blocks": [{"type": "thinking", "thinking": "Let me think."}],
                     "tool_calls": [{"id": "own", "type": "function",
                       "function": {"name": "f", "arguments": "{\\"a\\":[1,\\"ü\\"]}"},
                       "provider_specific_fields": {"thought_signature": "c2ln"}}],
                     "images": [{"index": 0, "type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}],
                     "audio": {"id": "audio_call_0", "data": "BBBB", "expires_at": 1700086400, "transcript": ""},
                     "provider_specific_fields": {"groundingMetadata": {"webSearchQueries": ["a", "b"]}}}},
                   {"index": 1, "logprobs": null, "finish_reason": "length", "message": {
                     "role": "assistant", "content": "```python\\n1+1\\n```\\n```\\n2\\n```\\n"}}],
                 "usage": {"prompt_tokens": 12, "completion_tokens": 12, "total_tokens": 24,
                   "prompt_tokens_details": {"cached_tokens": 6, "cache_creation_tokens": 0, "audio_tokens": 1},
                   "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 3},
                   "cache_read_input_tokens": 6}}
                """));
    }

    @Test
    void aWholeAnswerReachesATextCompletionsClient() {
        assertThat(shown(new OpenAiCompletionsWire(CLOCK), """
                {"candidates": [{"content": {"parts": [{"text": "hm", "thought": true}, {"text": "Once"}]}, "finishReason": "STOP"}]}
                """)).isEqualTo(Samples.json("""
                {"id": "cmpl-call", "object": "text_completion", "created": 1700000000, "model": "shown",
                 "choices": [{"index": 0, "text": "Once", "logprobs": null, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0,
                   "prompt_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 0, "audio_tokens": 0},
                   "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}}}
                """));
    }

    @ParameterizedTest
    @CsvSource({
        "STOP,stop",
        "MAX_TOKENS,length",
        "SAFETY,content_filter",
        "RECITATION,content_filter",
        "LANGUAGE,content_filter",
        "OTHER,content_filter",
        "PROHIBITED_CONTENT,content_filter",
        "SPII,content_filter",
        "IMAGE_SAFETY,content_filter",
        "MALFORMED_FUNCTION_CALL,stop",
        "FINISH_REASON_UNSPECIFIED,stop"
    })
    void anAnswerWithoutContentStillSaysWhyItEnded(String reason, String shown) {
        JsonNode body =
                shown(new OpenAiChatWire(CLOCK), "{\"candidates\": [{\"finishReason\": \"%s\"}]}".formatted(reason));
        assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo(shown);
        assertThat(body.at("/choices/0/message/content").asText()).isEmpty();
        assertThat(Samples.read(
                        () -> new GeminiDialect().chat().decoder(),
                        "data: {\"candidates\": [{\"finishReason\": \"%s\"}]}\n\n".formatted(reason)))
                .last()
                .isEqualTo(new ChatEvent.Finish(0, GeminiChatCodec.finish(reason, false), null));
    }

    @Test
    void aBlockedPromptIsAnAnswerThatWasFiltered() {
        String blocked = "{\"promptFeedback\": {\"blockReason\": \"PROHIBITED_CONTENT\"},"
                + " \"usageMetadata\": {\"promptTokenCount\": 8, \"totalTokenCount\": 8}}";
        JsonNode body = shown(new OpenAiChatWire(CLOCK), blocked);
        assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("content_filter");
        assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(8);
        assertThat(Samples.read(() -> new GeminiDialect().chat().decoder(), "data: " + blocked + "\n\n"))
                .contains(new ChatEvent.Finish(0, FinishReason.CONTENT_FILTER, null));
        assertThatThrownBy(() -> shown(new OpenAiChatWire(CLOCK), "{}")).isInstanceOf(BadPayload.class);
    }

    @Test
    void thoughtsInsideTheCandidatesAreNotCountedTwice() {
        assertThat(GeminiUsage.read(Samples.json("""
                {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 20, "thoughtsTokenCount": 5,
                  "totalTokenCount": 30}}
                """)).completion()).isEqualTo(20);
        assertThat(GeminiUsage.read(Samples.json("{\"candidates\": []}"))).isEqualTo(Usage.NONE);
    }

    @Test
    void searchesAreCountedAsEachGenerationBillsThem() {
        String answer = """
                {"modelVersion": "%s", "candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b"]}}], "usageMetadata": {}}
                """;
        assertThat(GeminiUsage.read(Samples.json(answer.formatted("gemini-3-pro-preview")))
                        .webSearches())
                .isEqualTo(2);
        assertThat(GeminiUsage.read(Samples.json(answer.formatted("gemini-2.5-pro")))
                        .webSearches())
                .isEqualTo(1);
    }

    @Test
    void aStreamGivesTheSameEventsWhereverItIsCut() {
        assertThat(Samples.read(() -> new GeminiDialect().chat().decoder(), CALL_CHUNKS))
                .containsExactly(
                        new ChatEvent.Start("r1", "gemini-2.5-flash", Usage.NONE),
                        new ChatEvent.Thinking(0, "Hm – ", null),
                        new ChatEvent.Tokens(Usage.of(8, 0)),
                        new ChatEvent.Text(0, "Grüße"),
                        new ChatEvent.ToolCallStart(0, 0, "call_#", "f", "c2ln"),
                        new ChatEvent.ToolCallArguments(0, 0, "{\"a\":1}"),
                        new ChatEvent.ToolCallStart(0, 1, "own", "g", null),
                        new ChatEvent.ToolCallArguments(0, 1, "{}"),
                        new ChatEvent.Finish(0, FinishReason.TOOL_CALLS, null),
                        new ChatEvent.Tokens(new Usage(8, 4, 0, 0, 0, 8, 3, 0, 0, true)));
    }

    @Test
    void aStreamReachesAChatClient() {
        List<ChatEvent> events = Samples.read(() -> new GeminiDialect().chat().decoder(), CALL_CHUNKS);
        List<JsonNode> chunks = Samples.events(new OpenAiChatWire(CLOCK).encoder("call", "shown", true), events);

        assertThat(chunks.getFirst()).isEqualTo(Samples.json("""
                {"id": "chatcmpl-call", "object": "chat.completion.chunk", "created": 1700000000, "model": "shown",
                 "choices": [{"index": 0, "logprobs": null, "finish_reason": null, "delta": {
                   "role": "assistant", "reasoning_content": "Hm – ",
                   "thinking_blocks": [{"type": "thinking", "thinking": "Hm – "}]}}]}
                """));
        assertThat(chunks.stream()
                        .skip(1)
                        .map(chunk -> chunk.at("/choices/0/delta"))
                        .limit(6))
                .containsExactly(
                        Samples.json("{\"content\": \"Grüße\"}"),
                        Samples.json("""
                                {"tool_calls": [{"index": 0, "id": "call_#", "type": "function",
                                  "function": {"name": "f", "arguments": ""},
                                  "provider_specific_fields": {"thought_signature": "c2ln"}}]}
                                """),
                        Samples.json(
                                "{\"tool_calls\": [{\"index\": 0, \"function\": {\"arguments\": \"{\\\"a\\\":1}\"}}]}"),
                        Samples.json("""
                                {"tool_calls": [{"index": 1, "id": "own", "type": "function",
                                  "function": {"name": "g", "arguments": ""}}]}
                                """),
                        Samples.json("{\"tool_calls\": [{\"index\": 1, \"function\": {\"arguments\": \"{}\"}}]}"),
                        Json.object());
        assertThat(chunks.get(6).at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(chunks.get(7).get("choices")).isEmpty();
        assertThat(chunks.get(7).at("/usage/total_tokens").asInt()).isEqualTo(16);
        assertThat(chunks.get(7)
                        .at("/usage/completion_tokens_details/reasoning_tokens")
                        .asInt())
                .isEqualTo(3);
        assertThat(chunks.get(8).asText()).isEqualTo("[DONE]");
        assertThat(chunks).hasSize(9);
    }

    @Test
    void severalAnswersFinishOnceEachAndSearchesAreNotForgotten() {
        List<ChatEvent> events = Samples.read(() -> new GeminiDialect().chat().decoder(), """
                data: {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP", "index": 0}], "usageMetadata": {}}

                data: {"candidates": [{"content": {"parts": [{"text": "b"}]}, "finishReason": "STOP", "index": 0},\
                 {"content": {"parts": [{"text": "c"}]}, "finishReason": "MAX_TOKENS", "index": 1,\
                 "groundingMetadata": {"webSearchQueries": ["q"]}}], "usageMetadata": {"promptTokenCount": 1}}

                data:

                data: {"usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2}}

                """);
        assertThat(events.stream().filter(ChatEvent.Finish.class::isInstance))
                .containsExactly(
                        new ChatEvent.Finish(0, FinishReason.STOP, null),
                        new ChatEvent.Finish(1, FinishReason.LENGTH, null));
        assertThat(events.getLast()).isEqualTo(new ChatEvent.Tokens(new Usage(1, 0, 0, 0, 0, 2, 0, 0, 1, true)));
    }

    @Test
    void aStreamIsCompleteOnlyWithItsFinishReason() {
        var decoder = new GeminiDialect().chat().decoder();
        decoder.feed(Buffer.buffer("data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a\"}]}}]}\n\n"));
        assertThat(decoder.complete()).isFalse();
        decoder.feed(Buffer.buffer("data: {\"candidates\": [{\"finishReason\": \"STOP\"}]}\n\n"));
        assertThat(decoder.complete()).isTrue();
    }

    private static ObjectNode shown(Wire wire, String answer) {
        return Json.readObject(wire.write(new GeminiDialect().chat().decode(Buffer.buffer(answer)), "call", "shown"));
    }
}
