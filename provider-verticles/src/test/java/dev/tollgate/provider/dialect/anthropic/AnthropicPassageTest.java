package dev.tollgate.provider.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Anthropic's own bytes on their way to Anthropic's own clients. */
class AnthropicPassageTest {
    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"claude-x\","
                    + "\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":2,\"output_tokens\":1}}}";
    private static final String CONTENT =
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"message_stop ü\"}}";
    private static final String DELTA =
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}";
    private static final String STOP = "{\"type\":\"message_stop\"}";
    private static final String SHOWN = "event: message_start\ndata: " + START.replace("claude-x", "shown") + "\n\n";

    /** Every legal way to write an event that we know of; LF stands for the line's end. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "event: NAME\ndata: DATA\n\n",
                "event:NAME\ndata:DATA\n\n",
                "data: DATA\nevent: NAME\n\n",
                ": a comment\nid: 7\nevent: NAME\ndata: DATA\n\n",
                "event: NAME\r\ndata: DATA\r\n\r\n",
                "data:DATA\r\nevent:NAME\r\n\r\n",
                "data: DATA\n\n"
            })
    void everyLegalFormIsReadAndPassesAsItCameHoweverItIsCut(String form) {
        String middle =
                ": ping\n\n" + form.replace("NAME", "content_block_delta").replace("DATA", CONTENT)
                        + form.replace("NAME", "message_delta").replace("DATA", DELTA);
        String stop = form.replace("NAME", "message_stop").replace("DATA", STOP);
        byte[] bytes = (form.replace("NAME", "message_start").replace("DATA", START) + middle + stop)
                .getBytes(StandardCharsets.UTF_8);

        for (int cut = 0; cut < bytes.length; cut++) {
            Passage.Stream stream = new AnthropicPassage().stream("shown", true);
            String out = feed(stream, Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length));

            assertThat(out).as("cut at %s", cut).isEqualTo(SHOWN + middle);
            assertThat(String.valueOf(stream.trailer())).isEqualTo(stop);
            assertThat(stream.complete()).isTrue();
            assertThat(stream.upstreamModel()).isEqualTo("claude-x");
            assertThat(stream.usage()).isEqualTo(new Usage(5, 2, 0, 0, 0, 9, 0, 0, 0, true));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "message_start, false",
        "ping, false",
        "content_block_start, false",
        "content_block_delta, true",
        "content_block_stop, true",
        "message_delta, true",
        "message_stop, true",
        "something_new, true"
    })
    void aGreetingIsNotTheBeginningOfAnAnswer(String type, boolean begun) {
        for (String form : List.of("event: TYPE\ndata: {\"type\":\"TYPE\"}\n\n", "data: {\"type\":\"TYPE\"}\n\n")) {
            Passage.Stream stream = new AnthropicPassage().stream("shown", true);
            stream.feed(Buffer.buffer(": hello\n\n"));
            assertThat(stream.begun()).isFalse();
            stream.feed(Buffer.buffer(form.replace("TYPE", type)));
            assertThat(stream.begun()).isEqualTo(begun);
        }
    }

    @Test
    void oneByteAtATimeIsTheSameToo() {
        String text = "event: message_start\r\ndata: " + START + "\r\n\r\nevent: ping\r\ndata: {}\r\n\r\n";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[][] single = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            single[i] = new byte[] {bytes[i]};
        }

        assertThat(feed(new AnthropicPassage().stream("shown", true), single))
                .isEqualTo(SHOWN + "event: ping\r\ndata: {}\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "invalid_request_error, 400, BAD_REQUEST",
        "billing_error, 402, PAYMENT_REQUIRED",
        "rate_limit_error, 429, RATE_LIMIT",
        "api_error, 500, UPSTREAM_ERROR",
        "timeout_error, 504, TIMEOUT",
        "overloaded_error, 529, OVERLOADED"
    })
    void anErrorEventIsAFailureAndIsNotPassedOn(String type, int status, FailureKind kind) {
        for (String form : List.of("event: error\ndata: DATA\n\n", "data: DATA\n\n")) {
            Passage.Stream stream = new AnthropicPassage().stream("shown", true);
            String data = "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"Sorry\"}}";

            assertThat(stream.feed(Buffer.buffer(form.replace("DATA", data)))).isNull();
            assertThat(stream.failure()).satisfies(failure -> {
                assertThat(failure.status()).isEqualTo(status);
                assertThat(failure.kind()).isEqualTo(kind);
                assertThat(failure.message()).isEqualTo("Sorry");
            });
            assertThat(stream.complete()).isFalse();
        }
    }

    @Test
    void aWholeAnswerShowsTheNameTheClientAskedFor() {
        Passage.Whole whole = new AnthropicPassage()
                .whole(
                        Buffer.buffer("{\"id\":\"m\",\"model\":\"claude-x\",\"usage\":{\"input_tokens\":1,"
                                + "\"cache_creation_input_tokens\":4,\"cache_creation\":{\"ephemeral_1h_input_tokens\":3},"
                                + "\"server_tool_use\":{\"web_search_requests\":2},\"output_tokens\":6}}"),
                        "shown");

        assertThat(whole.body().toString()).startsWith("{\"id\":\"m\",\"model\":\"shown\",");
        assertThat(whole.upstreamModel()).isEqualTo("claude-x");
        assertThat(whole.usage()).isEqualTo(new Usage(5, 0, 4, 3, 0, 6, 0, 0, 2, true));
        assertThat(Claude.json(AnthropicUsage.write(whole.usage()).toString()))
                .isEqualTo(Claude.json("{'input_tokens':1,'cache_creation_input_tokens':4,'cache_read_input_tokens':0,"
                        + "'output_tokens':6,'cache_creation':{'ephemeral_5m_input_tokens':1,'ephemeral_1h_input_tokens':3},"
                        + "'server_tool_use':{'web_search_requests':2}}"));
    }

    private static String feed(Passage.Stream stream, byte[]... pieces) {
        Buffer out = Buffer.buffer();
        for (byte[] piece : pieces) {
            Buffer chunk = stream.feed(Buffer.buffer(piece));
            if (chunk != null) {
                out.appendBuffer(chunk);
            }
        }
        return out.toString();
    }
}
