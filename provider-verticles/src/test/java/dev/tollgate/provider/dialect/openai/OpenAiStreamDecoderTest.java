package dev.tollgate.provider.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatEvent.Finish;
import dev.tollgate.provider.chat.ChatEvent.Start;
import dev.tollgate.provider.chat.ChatEvent.Text;
import dev.tollgate.provider.chat.ChatEvent.Thinking;
import dev.tollgate.provider.chat.ChatEvent.Tokens;
import dev.tollgate.provider.chat.ChatEvent.ToolCallArguments;
import dev.tollgate.provider.chat.ChatEvent.ToolCallStart;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.anthropic.AnthropicWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.StreamEncoder;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiStreamDecoderTest {
    private static final String DONE = "data: [DONE]\n\n";
    private static final Finish CALLED = new Finish(0, FinishReason.TOOL_CALLS, null);
    private static final Finish STOPPED = new Finish(0, FinishReason.STOP, null);

    @Test
    void openAisOwnStreamIsReadWhereverItIsCut() {
        String stream = chunk("\"delta\": {\"role\": \"assistant\", \"content\": \"\", \"refusal\": null}")
                + chunk("\"delta\": {\"content\": \"Grüße \"}, \"finish_reason\": null")
                + chunk("\"delta\": {\"content\": \"👋\"}")
                + chunk("\"delta\": {}, \"finish_reason\": \"stop\"")
                + "data: {\"id\": \"c1\", \"model\": \"gpt\", \"choices\": [], \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 3,"
                + " \"prompt_tokens_details\": {\"cached_tokens\": 2}}}\n\n"
                + DONE;
        assertThat(read(stream))
                .containsExactly(
                        new Start("c1", "gpt", Usage.NONE),
                        new Text(0, "Grüße "),
                        new Text(0, "👋"),
                        STOPPED,
                        new Tokens(new Usage(5, 2, 0, 0, 0, 3, 0, 0, 0, true)));
    }

    /** Pieces of tool calls, separated by {@code ;}, as providers send them; each comes out as the same two calls. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            OpenAI           | {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}};{"index": 0, "function": {"arguments": "{}"}};{"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}};{"index": 1, "function": {"arguments": "[1]"}}
            starts at one    | {"index": 1, "id": "a", "function": {"name": "f", "arguments": "{}"}};{"index": 2, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            jumps            | {"index": 3, "id": "a", "function": {"name": "f", "arguments": "{}"}};{"index": 1, "id": "b", "function": {"name": "g"}};{"index": 1, "function": {"arguments": "[1]"}}
            no index         | {"id": "a", "function": {"name": "f", "arguments": "{}"}};{"id": "b", "function": {"name": "g", "arguments": "["}};{"function": {"arguments": "1]"}}
            no index, same id again | {"id": "a", "function": {"name": "f", "arguments": "{}"}};{"id": "b", "function": {"name": "g"}};{"id": "b", "function": {"arguments": "[1]"}}
            always zero      | {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}};{"index": 0, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            repeats itself   | {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}};{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}};{"index": 1, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            new id a piece   | {"index": 0, "id": "a", "function": {"name": "f"}};{"index": 0, "id": "x", "function": {"arguments": "{}"}};{"index": 1, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            empty ids after  | {"index": 0, "id": "a", "function": {"name": "f"}};{"index": 0, "id": "", "function": {"name": "", "arguments": "{}"}};{"index": 1, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            late name        | {"index": 0, "id": "a"};{"index": 0, "function": {"arguments": "{"}};{"index": 0, "function": {"name": "f"}};{"index": 0, "function": {"arguments": "}"}};{"index": 1, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            object           | {"index": 0, "id": "a", "function": {"name": "f", "arguments": {}}};{"index": 1, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            both at once     | {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}, {"index": 1, "id": "b", "function": {"name": "g", "arguments": "[1]"}}
            """)
    void toolCallsArePutTogetherHoweverTheyAreNumbered(String provider, String pieces) {
        StringBuilder stream = new StringBuilder();
        for (String piece : pieces.split(";")) {
            stream.append(chunk("\"delta\": {\"role\": \"assistant\", \"tool_calls\": [" + piece + "]}"));
        }
        stream.append(chunk("\"delta\": {}, \"finish_reason\": \"tool_calls\"")).append(DONE);
        List<ChatEvent> events = read(stream.toString());

        assertThat(events.stream().filter(ToolCallStart.class::isInstance))
                .as(provider)
                .containsExactly(new ToolCallStart(0, 0, "a", "f", null), new ToolCallStart(0, 1, "b", "g", null));
        assertThat(arguments(events, 0)).isEqualTo("{}");
        assertThat(arguments(events, 1)).isEqualTo("[1]");
        assertThat(events.getLast()).isEqualTo(CALLED);
    }

    @Test
    void callsWithoutIdsGetTheirOwn() {
        String stream = chunk("\"delta\": {\"tool_calls\": [{\"function\": {\"name\": \"f\", \"arguments\": \"{}\"}},"
                + " {\"function\": {\"name\": \"f\", \"arguments\": \"{}\"}}]}");
        assertThat(new OpenAiStreamDecoder()
                        .feed(Buffer.buffer(stream)).stream()
                                .filter(ToolCallStart.class::isInstance)
                                .map(event -> ((ToolCallStart) event).id())
                                .distinct())
                .hasSize(2)
                .allMatch(id -> id.matches("call_[0-9a-f]{32}"));
    }

    @Test
    void anEndThatForgetsTheToolCallsStillMakesAnthropicsClientRunThem() {
        String call = chunk("\"delta\": {\"tool_calls\": [{\"index\": 0, \"id\": \"a\", \"function\":"
                + " {\"name\": \"f\", \"arguments\": \"{}\"}}]}");
        for (String end : List.of(chunk("\"delta\": {}, \"finish_reason\": \"stop\"") + DONE, DONE)) {
            List<ChatEvent> events = read(call + end);
            assertThat(events.getLast()).isEqualTo(CALLED);
            StreamEncoder client = new AnthropicWire().encoder("call", "shown", true);
            assertThat(String.valueOf(client.encode(events))).contains("\"type\":\"tool_use\"");
            assertThat(client.finish().toString()).contains("\"stop_reason\":\"tool_use\"");
        }
    }

    @Test
    void aRefusalIsTextThatEndsFiltered() {
        assertThat(read(chunk("\"delta\": {\"refusal\": \"I can’t.\"}")
                        + chunk("\"delta\": {}, \"finish_reason\": \"stop\"")
                        + DONE))
                .endsWith(new Text(0, "I can’t."), new Finish(0, FinishReason.CONTENT_FILTER, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"reasoning_content\": \"Hm\"}",
                "{\"reasoning\": \"Hm\", \"content\": null}",
                "{\"reasoning_content\": \"Hm\", \"reasoning\": \"Hm\"}",
                "{\"reasoning_content\": \"\", \"reasoning\": \"Hm\"}",
                "{\"content\": [{\"type\": \"thinking\", \"thinking\": [{\"type\": \"text\", \"text\": \"Hm\"}]}]}",
                "{\"reasoning_content\": \"Hm\", \"thinking_blocks\": [{\"type\": \"thinking\", \"thinking\": \"Hm\"}]}"
            })
    void reasoningIsFoundUnderAllItsNames(String delta) {
        assertThat(read(chunk("\"delta\": " + delta)))
                .containsExactly(new Start("c1", "gpt", Usage.NONE), new Thinking(0, "Hm", null));
    }

    @Test
    void signaturesAndEncryptedReasoningOfALiteLlmBehindUsAreKept() {
        assertThat(read(chunk("\"delta\": {\"thinking_blocks\": [{\"type\": \"thinking\", \"thinking\": \"\","
                        + " \"signature\": \"sig\"}, {\"type\": \"redacted_thinking\", \"data\": \"xyz\"}]}")))
                .endsWith(new Thinking(0, "", "sig"), new ChatEvent.RedactedThinking(0, "xyz"));
    }

    /** Pieces of one signed tool call, separated by {@code ;}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            in the id        | {"index": 0, "id": "a__thought__Zm9-_w", "function": {"name": "f", "arguments": "{}"}}
            in each id       | {"id": "a__thought__Zm9-_w", "function": {"name": "f"}};{"id": "a__thought__Zm9-_w", "function": {"arguments": "{}"}}
            beside it        | {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}, "provider_specific_fields": {"thought_signature": "Zm9+/w=="}}
            in both          | {"index": 0, "id": "a__thought__Zm9-_w", "function": {"name": "f", "arguments": "{}"}, "provider_specific_fields": {"thought_signature": "Zm9+/w=="}}
            before the name  | {"index": 0, "id": "a__thought__Zm9-_w"};{"index": 0, "function": {"name": "f", "arguments": "{}"}}
            """)
    void theSignatureOfACallOfALiteLlmBehindUsIsKept(String place, String pieces) {
        StringBuilder stream = new StringBuilder();
        for (String piece : pieces.split(";")) {
            stream.append(chunk("\"delta\": {\"tool_calls\": [" + piece + "]}"));
        }
        assertThat(read(stream.toString()))
                .as(place)
                .endsWith(new ToolCallStart(0, 0, "a", "f", "Zm9+/w=="), new ToolCallArguments(0, 0, "{}"));
    }

    @Test
    void severalAnswersMayComeInterleaved() {
        String stream = "data: {\"choices\": [{\"index\": 1, \"delta\": {\"content\": \"b\"}},"
                + " {\"index\": 0, \"delta\": {\"content\": \"a\"}, \"finish_reason\": \"stop\"}]}\n\n"
                + "data: {\"choices\": [{\"index\": 1, \"delta\": {}, \"finish_reason\": \"length\"}]}\n\n";
        assertThat(read(stream))
                .containsExactly(
                        new Start(null, null, Usage.NONE),
                        new Text(1, "b"),
                        new Text(0, "a"),
                        STOPPED,
                        new Finish(1, FinishReason.LENGTH, null));
    }

    @Test
    void aTalkativeProviderIsUnderstood() {
        String usage = "], \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": ";
        String stream = ": OPENROUTER PROCESSING\n\n"
                + "data: {\"id\": \"\", \"model\": \"\", \"choices\": [], \"prompt_filter_results\": []}\n\n"
                + "data:\n\n"
                + "data: {\"id\": \"c1\", \"model\": \"gpt\", \"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": \"a\"},"
                + " \"finish_reason\": \"\"}" + usage + "1}}\n\n"
                + "data: {\"id\": \"c1\", \"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": \"b\"},"
                + " \"finish_reason\": \"stop\"}" + usage + "2}}\n\n"
                + "data: {\"id\": \"c1\", \"choices\": [{\"delta\": {\"content\": \"\"}, \"finish_reason\": \"stop\"}], \"usage\": null}\n\n"
                + "data: [DONE] \n\n";
        assertThat(read(stream))
                .containsExactly(
                        new Start("c1", "gpt", Usage.NONE),
                        new Text(0, "a"),
                        new Tokens(Usage.of(5, 1)),
                        new Text(0, "b"),
                        STOPPED,
                        new Tokens(Usage.of(5, 2)));
    }

    @Test
    void aStreamIsCompleteWithItsFinishReasonOrItsDone() {
        for (String end : List.of(chunk("\"delta\": {}, \"finish_reason\": \"length\""), DONE)) {
            OpenAiStreamDecoder decoder = new OpenAiStreamDecoder();
            decoder.feed(Buffer.buffer(chunk("\"delta\": {\"content\": \"a\"}")));
            assertThat(decoder.complete()).isFalse();
            decoder.feed(Buffer.buffer(end));
            assertThat(decoder.complete()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"error": {"message": "slow down", "code": 429}}                     | RATE_LIMIT
            {"error": {"message": "slow down", "type": "server_error"}}          | UPSTREAM_ERROR
            {"error": "slow down"}                                               | UPSTREAM_ERROR
            {"object": "error", "message": "slow down", "code": 503}             | OVERLOADED
            """)
    void anErrorInsideAStreamEndsIt(String data, FailureKind kind) {
        assertThat(read("data: " + data + "\n\n"))
                .singleElement()
                .isInstanceOfSatisfying(ChatEvent.Broken.class, broken -> {
                    assertThat(broken.failure().kind()).isEqualTo(kind);
                    assertThat(broken.failure().message()).isEqualTo("slow down");
                });
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> read("data: <html>\n\n")).isInstanceOf(BadPayload.class);
    }

    private static List<ChatEvent> read(String stream) {
        return Samples.read(OpenAiStreamDecoder::new, stream);
    }

    private static String chunk(String choice) {
        return "data: {\"id\": \"c1\", \"object\": \"chat.completion.chunk\", \"model\": \"gpt\", \"choices\": [{\"index\": 0, "
                + choice + "}]}\n\n";
    }

    private static String arguments(List<ChatEvent> events, int call) {
        StringBuilder text = new StringBuilder();
        for (ChatEvent event : events) {
            if (event instanceof ToolCallArguments more && more.index() == call) {
                text.append(more.fragment());
            }
        }
        return text.toString();
    }
}
