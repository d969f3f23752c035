package dev.tollgate.provider.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiChatCodecTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));
    private static final OpenAiChatCodec CODEC = new OpenAiChatCodec();

    /** What our own reader understood is written as OpenAI would want it: the same body, but for spellings. */
    @Test
    void aRichRequestIsSaidWhole() {
        ObjectNode body = Samples.json("""
                {"model": "gpt", "temperature": 0.25, "top_p": 0.5, "seed": 7, "n": 2, "max_tokens": 99, "user": "u",
                 "presence_penalty": 0.1, "frequency_penalty": -0.2, "stop": ["END"], "reasoning_effort": "low",
                 "parallel_tool_calls": false, "verbosity": "low", "stream": true, "stream_options": {"include_usage": true},
                 "response_format": {"type": "json_schema", "json_schema": {"name": "w", "strict": true, "schema": {"type": "object"}}},
                 "tools": [{"type": "function", "function": {"name": "f", "description": "d", "strict": false,
                   "parameters": {"type": "object"}}}],
                 "tool_choice": {"type": "function", "function": {"name": "f"}},
                 "messages": [
                   {"role": "system", "content": "s"},
                   {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "t"},
                     {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}]},
                   {"role": "assistant", "content": null, "tool_calls": [
                     {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                   {"role": "tool", "tool_call_id": "a", "content": "r"},
                   {"role": "assistant", "content": "done"}]}
                """);
        assertThat(sent("https://example.org", body.deepCopy())).isEqualTo(body);
        assertThat(sent("https://api.openai.com/v1", body)
                        .get("max_completion_tokens")
                        .asInt())
                .isEqualTo(99);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "reasoning_effort": "xhigh"                              | xhigh
            "reasoning_effort": "max"                                | high
            "thinking": {"type": "enabled", "budget_tokens": 1024}   | minimal
            "thinking": {"type": "enabled", "budget_tokens": 2000}   | low
            "thinking": {"type": "enabled", "budget_tokens": 5000}   | medium
            "thinking": {"type": "enabled", "budget_tokens": 31999}  | high
            "thinking": {"type": "adaptive"}                         |
            "thinking": {"type": "disabled"}                         |
            "user": "nobody"                                         |
            """)
    void aBudgetBecomesAnEffort(String said, String effort) {
        JsonNode body = sent(
                "http://h", Samples.json("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], " + said + "}"));
        assertThat(Json.text(body, "reasoning_effort")).isEqualTo(effort);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "finish_reason": "stop", "message": {"content": "a"}                                    | STOP
            "finish_reason": null, "message": {"content": "a"}                                      | STOP
            "finish_reason": "eos", "message": {"content": "a"}                                     | STOP
            "finish_reason": "length", "message": {"tool_calls": [{"function": {"name": "f"}}]}     | LENGTH
            "finish_reason": "model_length", "message": {"content": "a"}                            | LENGTH
            "finish_reason": "content_filter", "message": {"content": "a"}                          | CONTENT_FILTER
            "finish_reason": "stop", "message": {"content": null, "refusal": "no"}                  | CONTENT_FILTER
            "finish_reason": "stop", "message": {"content": "a", "refusal": null}                   | STOP
            "finish_reason": "tool_calls", "message": {"tool_calls": [{"function": {"name": "f"}}]} | TOOL_CALLS
            "finish_reason": "stop", "message": {"tool_calls": [{"function": {"name": "f"}}]}       | TOOL_CALLS
            "message": {"tool_calls": [{"function": {"name": "f"}}]}                                | TOOL_CALLS
            """)
    void everyEndIsUnderstood(String choice, FinishReason expected) {
        ChatResponse response = CODEC.decode(Buffer.buffer("{\"choices\": [{" + choice + "}]}"));
        assertThat(response.choices().getFirst().finish()).isEqualTo(expected);
    }

    @Test
    void severalAnswersKeepTheirPlaces() {
        ChatResponse response = CODEC.decode(Buffer.buffer("""
                {"id": "c1", "model": "gpt", "choices": [
                  {"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a", "reasoning": "hm"}}],
                 "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
                """));
        assertThat(response.choices().get(0).index()).isOne();
        assertThat(response.choices().get(1).content())
                .containsExactly(new Part.Thinking("hm", null), new Part.Text("a"));
        assertThat(response.usage().total()).isEqualTo(3);
    }

    @Test
    void anErrorThatCameAsAnAnswerIsPassedOn() {
        assertThatThrownBy(() -> CODEC.decode(Buffer.buffer("{\"error\": {\"message\": \"no credits\"}}")))
                .isInstanceOf(BadPayload.class)
                .hasMessage("no credits");
        assertThatThrownBy(() -> CODEC.decode(Buffer.buffer("{}"))).hasMessage("it has no choices");
    }

    private static ObjectNode sent(String base, ObjectNode body) {
        return Json.readObject(
                CODEC.encode(new OpenAiChatWire(CLOCK).read(body), Samples.deployment("openai", "gpt", base)));
    }
}
