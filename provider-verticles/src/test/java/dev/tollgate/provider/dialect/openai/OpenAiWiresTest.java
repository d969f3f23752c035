package dev.tollgate.provider.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.chat.EmbeddingResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.chat.ToolChoice;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiWiresTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));
    private static final OpenAiChatWire CHAT = new OpenAiChatWire(CLOCK);
    private static final OpenAiCompletionsWire COMPLETIONS = new OpenAiCompletionsWire(CLOCK);
    private static final OpenAiEmbeddingsWire EMBEDDINGS = new OpenAiEmbeddingsWire();

    @Test
    void oldSpellingsAreUnderstood() {
        ChatRequest request = CHAT.read(Samples.json("""
                {"messages": [{"role": "user", "content": "x"}], "stop": "END", "max_tokens": 5, "temperature": null,
                 "functions": [{"name": "f", "parameters": {"type": "object"}}], "function_call": {"name": "f"},
                 "response_format": {"type": "json_object", "response_schema": {"type": "array"}}, "own": 1, "none": null}
                """));
        assertThat(request.sampling().stop()).containsExactly("END");
        assertThat(request.sampling().temperature()).isNull();
        assertThat(request.maxTokens()).isEqualTo(5);
        assertThat(request.tools())
                .singleElement()
                .satisfies(tool -> assertThat(tool.name()).isEqualTo("f"));
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Named("f"));
        assertThat(request.responseFormat())
                .isEqualTo(new ResponseFormat.JsonSchema("response", Samples.json("{\"type\": \"array\"}"), null));
        assertThat(request.extra()).containsOnlyKeys("own");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "messages": []                                                                                  | messages
            "messages": "x"                                                                                 | messages
            "messages": [{"content": "x"}]                                                                  | messages[0].role
            "messages": [{"role": "user", "content": "x"}], "temperature": "warm"                           | temperature
            "messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function"}]                 | tools
            "messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function", "function": {}}] | tools
            "messages": [{"role": "user", "content": "x"}], "response_format": {"type": "json_schema"}      | response_format
            """)
    void aBodyThatMakesNoSenseIsRefusedWithTheParameter(String members, String param) {
        assertThatThrownBy(() -> CHAT.read(Samples.json("{" + members + "}")))
                .isInstanceOfSatisfying(
                        BadPayload.class, e -> assertThat(e.param()).isEqualTo(param));
    }

    @Test
    void chunksSayEachThingInItsOwnPlace() {
        List<JsonNode> chunks = Samples.events(
                CHAT.encoder("call", "shown", true),
                List.of(
                        new ChatEvent.Start("chatcmpl-own", "gpt", Usage.NONE),
                        new ChatEvent.Thinking(0, "", "sig"),
                        new ChatEvent.RedactedThinking(0, "xyz"),
                        new ChatEvent.Image(0, "image/png", "AAAA"),
                        new ChatEvent.Image(0, "image/png", "BBBB"),
                        new ChatEvent.Text(1, "b"),
                        new ChatEvent.Tokens(Usage.of(1, 1)),
                        new ChatEvent.Finish(1, FinishReason.CONTENT_FILTER, null),
                        new ChatEvent.Tokens(Usage.of(2, 3)),
                        new ChatEvent.Broken(Failure.of(FailureKind.OVERLOADED, "said elsewhere"))));
        assertThat(chunks.stream().map(chunk -> chunk.at("/choices/0")).limit(6))
                .containsExactly(
                        Samples.json("""
                                {"index": 0, "logprobs": null, "finish_reason": null, "delta": {"role": "assistant",
                                  "reasoning_content": "", "thinking_blocks": [
                                    {"type": "thinking", "thinking": "", "signature": "sig"}]}}
                                """),
                        Samples.json("""
                                {"index": 0, "logprobs": null, "finish_reason": null, "delta": {
                                  "thinking_blocks": [{"type": "redacted_thinking", "data": "xyz"}]}}
                                """),
                        Samples.json("""
                                {"index": 0, "logprobs": null, "finish_reason": null, "delta": {"images": [
                                  {"index": 0, "type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}}
                                """),
                        Samples.json("""
                                {"index": 0, "logprobs": null, "finish_reason": null, "delta": {"images": [
                                  {"index": 1, "type": "image_url", "image_url": {"url": "data:image/png;base64,BBBB"}}]}}
                                """),
                        Samples.json("""
                                {"index": 1, "logprobs": null, "finish_reason": null, "delta": {
                                  "role": "assistant", "content": "b"}}
                                """),
                        Samples.json("""
                                {"index": 1, "logprobs": null, "finish_reason": "content_filter", "delta": {}}
                                """));
        assertThat(chunks.get(6).at("/usage/total_tokens").asInt()).isEqualTo(5);
        assertThat(chunks.get(6).get("choices")).isEmpty();
        assertThat(chunks.stream().limit(6))
                .allMatch(chunk -> chunk.get("id").asText().equals("chatcmpl-own"));
        assertThat(chunks)
                .hasSize(8)
                .last()
                .satisfies(done -> assertThat(done.asText()).isEqualTo("[DONE]"));
    }

    @Test
    void usageIsShownOnlyWhenAskedForAndSilenceIsNoChunk() {
        for (StreamEncoder encoder :
                List.of(CHAT.encoder("call", "shown", false), COMPLETIONS.encoder("call", "shown", false))) {
            assertThat(encoder.encode(
                            List.of(new ChatEvent.Start("x", "m", Usage.NONE), new ChatEvent.Tokens(Usage.of(1, 1)))))
                    .isNull();
            assertThat(encoder.finish()).hasToString("data: [DONE]\n\n");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "tell"            | tell
            ["tell"]          | tell
            ["a", "b"]        |
            [1, 2]            |
            null              |
            """)
    void onePromptBecomesOneMessage(String prompt, String text) {
        var body = Samples.json("{\"max_tokens\": 5, \"logprobs\": 3, \"echo\": true, \"prompt\": " + prompt + "}");
        if (text == null) {
            assertThatThrownBy(() -> COMPLETIONS.read(body))
                    .isInstanceOf(BadPayload.class)
                    .hasMessageContaining("prompt");
            return;
        }
        ChatRequest request = COMPLETIONS.read(body);
        assertThat(request.messages().getFirst().content()).containsExactly(new Part.Text(text));
        assertThat(request.maxTokens()).isEqualTo(5);
        assertThat(request.extra()).isEmpty();
    }

    @Test
    void vectorsAreWrittenAsNumbersOrAsBase64OfLittleEndianFloats() {
        EmbeddingResponse response =
                new EmbeddingResponse(List.of(new float[] {1, -0.5f}, new float[] {0.1f, 0}), Usage.of(4, 0));
        assertThat(EMBEDDINGS.write(response, false, "shown")).hasToString("""
                {"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.0,-0.5]},\
                {"object":"embedding","index":1,"embedding":[0.1,0.0]}],"model":"shown",\
                "usage":{"prompt_tokens":4,"total_tokens":4}}""");
        JsonNode data =
                Json.readObject(EMBEDDINGS.write(response, true, "shown")).get("data");
        assertThat(data.at("/0/embedding").asText()).isEqualTo("AACAPwAAAL8=");
        assertThat(data.at("/1/embedding").asText()).isEqualTo("zczMPQAAAAA=");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "input": "a", "encoding_format": "base64", "user": "u" | 1     | true
            "input": ["a", "b"], "encoding_format": "float"        | 2     | false
            "input": []                                            | 0     | false
            "input": [1, 2]                                        | 0     | false
            "input": null                                          | 0     | false
            "dimensions": 3                                        | 0     | false
            """)
    void textsAreReadAndTokensAreRefused(String members, int texts, boolean base64) {
        var body = Samples.json("{" + members + "}");
        if (texts == 0) {
            assertThatThrownBy(() -> EMBEDDINGS.read(body))
                    .isInstanceOf(BadPayload.class)
                    .hasMessageContaining("input");
            return;
        }
        EmbeddingRequest request = EMBEDDINGS.read(body);
        assertThat(request.inputs()).hasSize(texts);
        assertThat(request.base64()).isEqualTo(base64);
    }
}
