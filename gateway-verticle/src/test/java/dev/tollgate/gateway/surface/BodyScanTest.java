package dev.tollgate.gateway.surface;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Span;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyScanTest {

    private static Envelope scanned(Buffer body) {
        BodyScan.Result result = BodyScan.scan(body, null);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(BodyScan.Result.Scanned.class);
        return ((BodyScan.Result.Scanned) result).envelope();
    }

    private static Failure wrong(String body) {
        return ((BodyScan.Result.Wrong) BodyScan.scan(Buffer.buffer(body), null)).failure();
    }

    private static String cut(String body, Span span) {
        return body.substring(span.start(), span.end());
    }

    @Test
    void finds_where_the_model_stands_and_what_routing_needs() {
        String body = """
                {"messages": [{"role": "user", "content": "\\"model\\": \\"no\\""}], "model" : "gpt-4o", "stream": true,
                 "stream_options": {"include_usage": true}, "max_tokens": 12, "user": "u", "num_retries": 3, "timeout": 1.5,
                 "fallbacks": ["a", {"model": "b"}], "metadata": {"tags": ["x"]}}""";
        Envelope envelope = scanned(Buffer.buffer(body));
        assertThat(envelope.model()).isEqualTo("gpt-4o");
        assertThat(cut(body, envelope.modelSpan())).isEqualTo("\"gpt-4o\"");
        assertThat(cut(body, envelope.streamOptions())).isEqualTo("{\"include_usage\": true}");
        assertThat(envelope.stream()).isTrue();
        assertThat(envelope.streamUsage()).isTrue();
        assertThat(envelope.maxTokens()).isEqualTo(12);
        assertThat(envelope.tags()).containsExactly("x");
        assertThat(envelope.overrides().numRetries()).isEqualTo(3);
        assertThat(envelope.overrides().timeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(envelope.overrides().fallbacks()).containsExactly("a", "b");
        assertThat(envelope.proxyMembers().stream().map(span -> cut(body, span)))
                .containsExactly(
                        "\"num_retries\": 3", "\"timeout\": 1.5", "\"fallbacks\": [\"a\", {\"model\": \"b\"}]");
    }

    @Test
    void findsTheSessionAndTheRegionThatRoutingMayAskFor() {
        Envelope plain = scanned(Buffer.buffer("{\"model\":\"m\",\"metadata\":{\"tags\":[\"t\"]}}"));
        assertThat(plain.marks()).isEqualTo(Envelope.Marks.NONE);
        Envelope inMetadata = scanned(Buffer.buffer("{\"model\":\"m\",\"metadata\":{\"session_id\":\"s1\"}}"));
        assertThat(inMetadata.marks().session()).isEqualTo("s1");
        Envelope both = scanned(
                Buffer.buffer(
                        "{\"metadata\":{\"session_id\":\"s1\"},\"litellm_session_id\":\"s2\",\"allowed_model_region\":\"eu\",\"model\":\"m\"}"));
        assertThat(both.marks()).isEqualTo(new Envelope.Marks("s2", "eu", null));
        assertThat(both.proxyMembers()).as("no provider knows these two").hasSize(2);
    }

    @Test
    void counts_offsets_from_the_start_of_the_body_wherever_it_lies_in_its_array() {
        byte[] bytes = "xxxxx{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_8);
        ByteBuf slice = Unpooled.wrappedBuffer(bytes).slice(5, bytes.length - 5);
        Envelope envelope = scanned(BufferInternal.buffer(slice));
        assertThat(envelope.modelSpan()).isEqualTo(new Span(9, 12));
        assertThat(envelope.bodyStart()).isEqualTo(1);
    }

    @Test
    void refuses_what_is_no_object_with_a_model() {
        assertThat(wrong("{\"model\":").message()).startsWith("Invalid JSON payload");
        assertThat(wrong("[1]").message()).contains("expected an object");
        assertThat(wrong("").message()).contains("expected an object, got nothing");
        assertThat(wrong("{}").message()).contains("model=None");
        assertThat(wrong("{\"model\":7}").param()).isEqualTo("model");
        assertThat(wrong("{\"model\":\"a\"} x").message()).startsWith("Invalid JSON payload");
        assertThat(wrong("{\"model\":\"a\",\"model\":\"b\"}").message()).contains("twice");
    }

    @Test
    void refuses_deep_nesting_without_a_stack_overflow() {
        Failure failure = wrong("{\"model\":\"a\",\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}");
        assertThat(failure.message()).contains("nesting depth");
    }

    @Test
    void refuses_what_is_not_utf_8_because_its_offsets_would_lie() {
        for (var charset : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE, Charset.forName("UTF-32BE"))) {
            BodyScan.Result result = BodyScan.scan(Buffer.buffer("{\"model\":\"a\"}".getBytes(charset)), null);
            assertThat(((BodyScan.Result.Wrong) result).failure().message()).contains("UTF-8");
        }
    }

    @Test
    void refuses_a_model_name_without_end() {
        assertThat(wrong("{\"model\":\"" + "a".repeat(513) + "\"}").param()).isEqualTo("model");
    }

    @Test
    void reads_fallbacks_in_the_form_of_the_configuration_and_ignores_those_of_other_groups() {
        Envelope envelope = scanned(Buffer.buffer(
                "{\"model\":\"a\",\"fallbacks\":[{\"a\":[\"b\",\"c\"]},{\"x\":[\"y\"]},{\"*\":[\"z\"]}]}"));
        assertThat(envelope.overrides().fallbacks()).containsExactly("b", "c", "z");
        assertThat(scanned(Buffer.buffer("{\"model\":\"a\",\"fallbacks\":[{\"x\":[\"y\"]}]}"))
                        .overrides()
                        .fallbacks())
                .isNull();
    }

    @Test
    void a_number_too_large_is_said_in_plain_words() {
        assertThat(wrong("{\"model\":\"a\",\"num_retries\":99999999999}").message())
                .doesNotContain("Source:");
    }

    @Test
    void the_path_names_the_model_when_it_does() {
        BodyScan.Result result = BodyScan.scan(Buffer.buffer("{\"model\":\"body\"}"), "path");
        assertThat(((BodyScan.Result.Scanned) result).envelope().model()).isEqualTo("path");
    }

    @Test
    void everyWishIsReadAndNoneGoesUpstream() {
        String wishes = """
            "num_retries":1,"timeout":2,"stream_timeout":3,"fallbacks":[{"m":["a"],"other":["z"]}],\
            "context_window_fallbacks":[{"m":["b"]}],"content_policy_fallbacks":["c"],"disable_fallbacks":false,\
            "max_fallbacks":2,"mock_response":"hi","mock_testing_rate_limit_error":true,"mock_testing_fallbacks":false\
            """;
        Envelope envelope = scanned(Buffer.buffer("{\"model\":\"m\"," + wishes + "}"));
        assertThat(envelope.overrides())
                .isEqualTo(new Envelope.Overrides(
                        1,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        List.of("a"),
                        false,
                        new Envelope.Special(List.of("b"), List.of("c"), Envelope.Rehearsal.RATE_LIMIT, "hi", 2)));
        assertThat(envelope.proxyMembers()).hasSize(envelope.present().size() - 1);
        assertThat(scanned(Buffer.buffer("{\"model\":\"m\",\"tags\":[]}")).overrides())
                .isSameAs(Envelope.Overrides.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                | off",
                "[ ]               | off",
                "[3, null]         | as configured",
                "[{}]              | as configured",
                "null              | as configured",
                "[{\"other\": [\"z\"]}] | as configured",
            })
    void anEmptyListOfFallbacksSwitchesThemOff(String list, String meaning) {
        Envelope.Overrides asked = scanned(
                        Buffer.buffer("{\"model\":\"m\",\"fallbacks\":" + list + ",\"max_tokens\":3}"))
                .overrides();
        assertThat(asked.fallbacks()).isEqualTo(meaning.equals("off") ? List.of() : null);
    }

    /** Whoever sends one must not pay for a real call by mistake. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "real",
            value = {
                "\"hi\"                     | hi",
                "true                       | true",
                "42                         | 42",
                "{ \"a\": [1, {\"b\": null}] } | {\"a\":[1,{\"b\":null}]}",
                "[\"x\"]                    | [\"x\"]",
                "null                       | real",
                "false                      | 400",
                "0                          | 400",
                "{}                         | 400",
                "[]                         | 400",
            })
    void aMockResponseThatIsNoTextIsNeverARealCall(String value, @Nullable String mock) {
        String body = "{\"model\":\"m\",\"mock_response\":" + value + ",\"user\":\"u\"}";
        if ("400".equals(mock)) {
            assertThat(wrong(body).param()).isEqualTo("mock_response");
        } else {
            Envelope envelope = scanned(Buffer.buffer(body));
            assertThat(envelope.overrides().special().mockResponse()).isEqualTo(mock);
            assertThat(envelope.user()).as("the scan goes on").isEqualTo("u");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"m\",\"n\":3}                                       | 3",
                "{\"model\":\"m\",\"n\":8.0}                                     | 8",
                "{\"model\":\"m\",\"n\":\"8\"}                                   | 8",
                "{\"model\":\"m\",\"n\":-1}                                      | 1",
                "{\"model\":\"m\",\"n\":1e99}                                    | 4096",
                "{\"model\":\"m\",\"n\":2,\"best_of\":5}                         | 5",
                "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"],\"n\":2}              | 4",
                "{\"model\":\"m\",\"prompt\":[1,2,3]}                             | 1",
                "{\"model\":\"m\",\"prompt\":[[1,2],[3]]}                         | 2",
            })
    void countsTheAnswersThatAreAskedFor(String body, int choices) {
        assertThat(BodyScan.scan(Buffer.buffer(body), null))
                .isInstanceOfSatisfying(
                        BodyScan.Result.Scanned.class,
                        scanned -> assertThat(scanned.envelope().choices()).isEqualTo(choices));
    }
}
