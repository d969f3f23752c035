package dev.tollgate.provider.dialect.ollama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.dialect.openai.OpenAiCompletionsWire;
import dev.tollgate.provider.dialect.openai.OpenAiEmbeddingsWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OllamaAnswerTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));
    private static final OllamaDialect DIALECT = new OllamaDialect();
    private static final String LINES = """
            {"model": "qwen3", "created_at": "2025-01-01T00:00:00Z", "message": {"role": "assistant", "content": "", "thinking": "Hm"}, "done": false}
            {"model": "qwen3", "message": {"role": "assistant", "content": "Grüße "}, "done": false}
            {"model": "qwen3", "message": {"role": "assistant", "content": "👋"}, "done": false}
            {"model": "qwen3", "message": {"role": "assistant", "content": "", "tool_calls": [{"function": {"index": 0, "name": "f", "arguments": {"a": 1}}}, {"id": "own", "function": {"name": "g", "arguments": {}}}]}, "done": false}
            {"model": "qwen3", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 7}
            """;

    @Test
    void aWholeAnswerReachesAChatClient() {
        ObjectNode shown = shown("""
                {"model": "qwen3", "message": {"role": "assistant", "content": "Sunny.", "thinking": "Hm.", "tool_calls": [
                  {"id": "own", "function": {"name": "f", "arguments": {"a": "ü"}}},
                  {"function": {"name": "g", "arguments": "{\\"b\\": 1}"}}, {"function": {"name": "h"}}]},
                 "done": true, "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 7}
                """);
        JsonNode calls = shown.at("/choices/0/message/tool_calls");
        assertThat(calls.get(0)).isEqualTo(Samples.json("""
                {"id": "own", "type": "function", "function": {"name": "f", "arguments": "{\\"a\\":\\"ü\\"}"}}
                """));
        assertThat(calls.get(1).at("/function/arguments").asText()).isEqualTo("{\"b\": 1}");
        assertThat(calls.get(2).at("/function/arguments").asText()).isEqualTo("{}");
        assertThat(calls.get(1).get("id").asText())
                .startsWith("call_")
                .isNotEqualTo(calls.get(2).get("id").asText());
        ((ObjectNode) shown.at("/choices/0/message")).remove("tool_calls");
        assertThat(shown).isEqualTo(Samples.json("""
                {"id": "chatcmpl-call", "object": "chat.completion", "created": 1700000000, "model": "shown",
                 "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
                   "role": "assistant", "content": "Sunny.", "reasoning_content": "Hm.",
                   "thinking_blocks": [{"type": "thinking", "thinking": "Hm."}]}}],
                 "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18,
                   "prompt_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 0, "audio_tokens": 0},
                   "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}}}
                """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "done_reason": "stop", "prompt_eval_count": 2, "eval_count": 3 | STOP   | 2 | 3 | true
            "done_reason": "length", "eval_count": 3                       | LENGTH | 0 | 3 | true
            "done_reason": "load"                                          | STOP   | 0 | 0 | false
            "done_reason": "unload"                                        | STOP   | 0 | 0 | false
            "total_duration": 1                                            | STOP   | 0 | 0 | false
            """)
    void everyEndIsUnderstoodWholeAndStreamed(
            String members, FinishReason finish, long prompt, long completion, boolean reported) {
        String answer = "{\"model\": \"m\", \"message\": {\"role\": \"assistant\", \"content\": \"\"}, \"done\": true, "
                + members + "}";
        var whole = DIALECT.chat().decode(Buffer.buffer(answer));
        Usage usage = reported ? Usage.of(prompt, completion) : Usage.NONE;
        assertThat(whole.usage()).isEqualTo(usage);
        assertThat(whole.choices().getFirst().finish()).isEqualTo(finish);
        assertThat(whole.choices().getFirst().content()).isEmpty();

        List<ChatEvent> events = Samples.read(() -> DIALECT.chat().decoder(), answer + "\n");
        assertThat(events).startsWith(new ChatEvent.Start(null, "m", Usage.NONE));
        assertThat(events).endsWith(new ChatEvent.Finish(0, finish, null));
        assertThat(events.contains(new ChatEvent.Tokens(usage))).isEqualTo(reported);
    }

    @Test
    void aStreamGivesTheSameEventsWhereverItIsCut() {
        assertThat(Samples.read(() -> DIALECT.chat().decoder(), LINES))
                .containsExactly(
                        new ChatEvent.Start(null, "qwen3", Usage.NONE),
                        new ChatEvent.Thinking(0, "Hm", null),
                        new ChatEvent.Text(0, "Grüße "),
                        new ChatEvent.Text(0, "👋"),
                        new ChatEvent.ToolCallStart(0, 0, "call_#", "f", null),
                        new ChatEvent.ToolCallArguments(0, 0, "{\"a\":1}"),
                        new ChatEvent.ToolCallStart(0, 1, "own", "g", null),
                        new ChatEvent.ToolCallArguments(0, 1, "{}"),
                        new ChatEvent.Tokens(Usage.of(11, 7)),
                        new ChatEvent.Finish(0, FinishReason.TOOL_CALLS, null));
    }

    @Test
    void aStreamReachesATextCompletionsClient() {
        List<ChatEvent> events = Samples.read(() -> DIALECT.chat().decoder(), LINES);
        List<JsonNode> chunks = Samples.events(new OpenAiCompletionsWire(CLOCK).encoder("call", "shown", true), events);
        assertThat(chunks.getFirst()).isEqualTo(Samples.json("""
                {"id": "cmpl-call", "object": "text_completion", "created": 1700000000, "model": "shown",
                 "choices": [{"index": 0, "text": "Grüße ", "logprobs": null, "finish_reason": null}]}
                """));
        assertThat(chunks.stream().map(chunk -> chunk.at("/choices/0/text").asText()))
                .containsExactly("Grüße ", "👋", "", "", "");
        assertThat(chunks.get(2).at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(chunks.get(3).at("/usage/total_tokens").asInt()).isEqualTo(18);
        assertThat(chunks.get(4).asText()).isEqualTo("[DONE]");
    }

    @Test
    void aStreamIsCompleteOnlyWithItsLastLine() {
        var decoder = DIALECT.chat().decoder();
        decoder.feed(Buffer.buffer(LINES.substring(0, LINES.indexOf("\"done\": true"))));
        assertThat(decoder.complete()).isFalse();
        decoder.feed(Buffer.buffer(LINES.substring(LINES.indexOf("\"done\": true"))));
        assertThat(decoder.complete()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"error": "model runner has unexpectedly stopped"} | model runner has unexpectedly stopped
            {"error": {"message": "a proxy's words"}}          | a proxy's words
            """)
    void anErrorInsideAStreamEndsIt(String line, String message) {
        List<ChatEvent> events = Samples.read(
                () -> DIALECT.chat().decoder(), LINES.lines().findFirst().orElseThrow() + "\n" + line + "\n");
        assertThat(events.getLast()).isInstanceOfSatisfying(ChatEvent.Broken.class, broken -> {
            assertThat(broken.failure().message()).isEqualTo(message);
            assertThat(broken.failure().kind()).isEqualTo(FailureKind.UPSTREAM_ERROR);
        });
        assertThatThrownBy(() -> DIALECT.chat().decode(Buffer.buffer(line)))
                .isInstanceOf(BadPayload.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            404 | {"error": "model 'x' not found"}   | NOT_FOUND      | model 'x' not found
            400 | {"error": "m does not support tools"} | BAD_REQUEST | m does not support tools
            400 | {"error": {"message": "prompt is too long"}} | CONTEXT_WINDOW | prompt is too long
            503 | {"error": "server busy, please try again.  maximum pending requests exceeded"} | OVERLOADED | server busy, please try again.  maximum pending requests exceeded
            502 | <html></html>                      | BAD_GATEWAY    | The upstream answered 502
            """)
    void errorsAreTakenForWhatTheyMean(int status, String body, FailureKind kind, String message) {
        Failure failure = DIALECT.failure("ollama", status, MultiMap.caseInsensitiveMultiMap(), Buffer.buffer(body));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.message()).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({
        "http://h:11434,CHAT,http://h:11434/api/chat",
        "http://h:11434/v1,COMPLETIONS,http://h:11434/api/chat",
        "http://h:11434/api,EMBEDDINGS,http://h:11434/api/embed",
        "http://h/ollama/api/generate,MESSAGES,http://h/ollama/api/chat"
    })
    void everyAddressThatPeopleCopyWorks(String base, Surface surface, String url) {
        var endpoint = DIALECT.endpoint(Samples.deployment("ollama", "m", base), surface, true, Map.of());
        assertThat(endpoint.url()).isEqualTo(url);
        assertThat(endpoint.headers()).containsExactly(Map.entry("authorization", "Bearer s3cret"));
    }

    @Test
    void embeddingsAreOneRequest() {
        var codec = Objects.requireNonNull(DIALECT.embeddings());
        var request = new OpenAiEmbeddingsWire().read(Samples.json("{\"input\": [\"a\", \"ü\"], \"dimensions\": 2}"));
        assertThat(Json.readObject(codec.encode(request, Samples.deployment("ollama", "nomic", "http://h"))))
                .isEqualTo(Samples.json("{\"model\": \"nomic\", \"input\": [\"a\", \"ü\"], \"dimensions\": 2}"));
        var response = codec.decode(Buffer.buffer("{\"embeddings\": [[0.5, -1], [2, 3]], \"prompt_eval_count\": 3}"));
        assertThat(response.vectors()).containsExactly(new float[] {0.5f, -1}, new float[] {2, 3});
        assertThat(response.usage()).isEqualTo(Usage.of(3, 0));
        assertThatThrownBy(() -> codec.decode(Buffer.buffer("{}"))).isInstanceOf(BadPayload.class);
    }

    private static ObjectNode shown(String answer) {
        return Json.readObject(
                new OpenAiChatWire(CLOCK).write(DIALECT.chat().decode(Buffer.buffer(answer)), "call", "shown"));
    }
}
