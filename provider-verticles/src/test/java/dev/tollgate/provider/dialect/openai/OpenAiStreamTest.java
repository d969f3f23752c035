package dev.tollgate.provider.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiStreamTest {
    private static final String FIRST =
            "data: {\"model\":\"gpt-4o\",\"choices\":[{\"delta\":{\"content\":\"Grüße 🚀\"}}]}\n\n";
    private static final String FINISH =
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"model\":\"gpt-4o\",\"usage\":null}\n\n";
    private static final String USAGE =
            "data: {\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private static String fed(OpenAiStream stream, String... parts) {
        StringBuilder out = new StringBuilder();
        for (String part : parts) {
            append(out, stream.feed(Buffer.buffer(part)));
        }
        return out.toString();
    }

    private static void append(StringBuilder out, @Nullable Buffer chunk) {
        out.append(chunk == null ? "" : chunk.toString());
    }

    private static String renamed(String events) {
        return events.replace("gpt-4o", "mine");
    }

    @Test
    void aStreamPassesWithItsModelRenamedAndItsUsageRead() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        assertThat(fed(stream, FIRST, FINISH)).isEqualTo(renamed(FIRST + FINISH));
        assertThat(stream.usage()).isEqualTo(Usage.NONE);
        assertThat(fed(stream, USAGE, DONE)).as("not asked for").isEmpty();
        assertThat(stream.usage()).isEqualTo(Usage.of(10, 5));
        assertThat(stream.upstreamModel()).isEqualTo("gpt-4o");
        assertThat(stream.complete()).isTrue();
        assertThat(stream.trailer().toString()).isEqualTo(DONE);
        assertThat(fed(new OpenAiStream("mine", true), USAGE)).as("asked for").isEqualTo(renamed(USAGE));
    }

    @Test
    void theTierOfAnyChunkHoldsForTheUsageAndForAStreamThatIsCutOff() {
        String first = FIRST.replace("\"choices\"", "\"service_tier\":\"flex\",\"choices\"");
        OpenAiStream stream = new OpenAiStream("mine", false);
        assertThat(fed(stream, first)).isEqualTo(renamed(first));
        assertThat(stream.usage()).isEqualTo(Usage.NONE.in(ServiceTier.FLEX));
        fed(stream, FINISH, USAGE);
        assertThat(stream.usage()).isEqualTo(Usage.of(10, 5).in(ServiceTier.FLEX));
        fed(stream, USAGE.replace("\"choices\"", "\"service_tier\":\"default\",\"choices\""));
        assertThat(stream.usage().tier()).as("the last word counts").isEqualTo(ServiceTier.STANDARD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void cutAnywhereTheOutputIsTheSame(String lineEnd) {
        String all = (": hello\n\n" + FIRST + "event: x\nid: 7\n" + FINISH + USAGE + DONE).replace("\n", lineEnd);
        String expected = renamed((": hello\n\n" + FIRST + "event: x\nid: 7\n" + FINISH).replace("\n", lineEnd));
        byte[] bytes = all.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            OpenAiStream stream = new OpenAiStream("mine", false);
            Buffer out = Buffer.buffer();
            int second = Math.min(bytes.length, cut + 1 + cut % 7);
            for (Buffer part : new Buffer[] {
                Buffer.buffer(bytes).getBuffer(0, cut),
                Buffer.buffer(bytes).getBuffer(cut, second),
                Buffer.buffer(bytes).getBuffer(second, bytes.length)
            }) {
                Buffer chunk = stream.feed(part);
                out.appendBuffer(chunk == null ? Buffer.buffer() : chunk);
            }
            assertThat(out.toString()).as("cut at %s", cut).isEqualTo(expected);
            assertThat(stream.complete()).isTrue();
            assertThat(stream.usage()).isEqualTo(Usage.of(10, 5));
            assertThat(stream.trailer().toString()).isEqualTo(DONE);
        }
    }

    @Test
    void askingWhetherItIsCompleteDoesNotDisturbAnEventThatIsHalfThere() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        Buffer out = Buffer.buffer();
        for (byte b : (FIRST + FINISH).getBytes(StandardCharsets.UTF_8)) {
            Buffer chunk = stream.feed(Buffer.buffer(new byte[] {b}));
            out.appendBuffer(chunk == null ? Buffer.buffer() : chunk);
            assertThat(stream.complete())
                    .isEqualTo(
                            out.toString().length() == renamed(FIRST + FINISH).length());
        }
        assertThat(out.toString()).isEqualTo(renamed(FIRST + FINISH));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ": keep-alive | false",
                "data: {\"choices\":[]} | false",
                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}} | false",
                "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"finish_reason\":null}]} | false",
                "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}}]} | false",
                "data: {\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[],\"audio\":{}}}]} | false",
                "data: {\"choices\":[{\"delta\":{\"tool_calls\":[],\"content\":\"a\"}}]} | true",
                "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"a\"}}]} | true",
                "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"x\":[{}]}]},\"index\":0}]} | true",
                "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]} | true",
                "data: {\"choices\":[{\"text\":\"\"}]} | false",
                "data: {\"choices\":[{\"text\":\"a\"}]} | true",
            })
    void aGreetingIsNotTheBeginningOfAnAnswer(String event, boolean begun) {
        OpenAiStream stream = new OpenAiStream("mine", true);
        assertThat(fed(stream, event + "\n\n")).isEqualTo(event + "\n\n");
        assertThat(stream.begun()).isEqualTo(begun);
        assertThat(fed(stream, FIRST)).isEqualTo(renamed(FIRST));
        assertThat(stream.begun()).isTrue();
    }

    @Test
    void byteByByteTheOutputIsTheSame() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        Buffer out = Buffer.buffer();
        for (byte b : (FIRST + FINISH + USAGE + DONE).getBytes(StandardCharsets.UTF_8)) {
            Buffer chunk = stream.feed(Buffer.buffer(new byte[] {b}));
            out.appendBuffer(chunk == null ? Buffer.buffer() : chunk);
        }
        assertThat(out.toString()).isEqualTo(renamed(FIRST + FINISH));
        assertThat(stream.complete()).isTrue();
    }

    @Test
    void usageInEveryChunkCountsAsTheLastSays() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        String first = "data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":1}}\n\n";
        String second = first.replace("completion_tokens\":1", "completion_tokens\":2");
        assertThat(fed(stream, first, second)).as("they carry content, too").isEqualTo(first + second);
        assertThat(stream.usage()).isEqualTo(Usage.of(10, 2));
        assertThat(fed(stream, "data: {\"choices\":[],\"usage\":{}}\n\n", DONE)).isNotEmpty();
        assertThat(stream.usage()).as("an empty object is no usage").isEqualTo(Usage.of(10, 2));
    }

    @Test
    void formsThatTheStandardAllowsPass() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        assertThat(fed(stream, "data:{\"model\":\"gpt-4o\"}\n\n")).isEqualTo("data:{\"model\":\"mine\"}\n\n");
        assertThat(fed(stream, "data: {\"model\":\ndata:  \"gpt-4o\"}\nid: 3\n\n"))
                .isEqualTo("id: 3\ndata: {\"model\": \"mine\"}\n\n");
        assertThat(fed(stream, "data: {\"model\":\"gpt-4o\"}\nid: 4\n\n"))
                .isEqualTo("data: {\"model\":\"mine\"}\nid: 4\n\n");
        assertThat(fed(stream, "data:\n\n", ": keep-alive\n\n")).isEqualTo(": keep-alive\n\n");
        assertThat(stream.complete()).isFalse();
        assertThat(fed(stream, "data: [DONE]\nid: 5\n\n")).isEmpty();
        assertThat(stream.complete()).isTrue();
    }

    @Test
    void aMissingDoneIsForgivenAfterAFinishReasonOnly() {
        OpenAiStream cut = new OpenAiStream("mine", false);
        fed(cut, FIRST);
        assertThat(cut.complete()).isFalse();
        OpenAiStream finished = new OpenAiStream("mine", false);
        fed(finished, FIRST, FINISH);
        assertThat(finished.complete()).isTrue();
        OpenAiStream broken = new OpenAiStream("mine", false);
        fed(broken, FIRST, FINISH.substring(0, 60));
        broken.closed();
        assertThat(broken.complete()).as("cut inside an event").isFalse();
    }

    @Test
    void aLastEventWithoutItsEmptyLineStillCounts() {
        OpenAiStream stream = new OpenAiStream("mine", true);
        fed(stream, FIRST, FINISH, USAGE.strip());
        assertThat(stream.usage()).isEqualTo(Usage.NONE);
        stream.closed();
        assertThat(stream.complete()).isTrue();
        assertThat(stream.usage()).isEqualTo(Usage.of(10, 5));
        assertThat(stream.trailer().toString()).isEqualTo(renamed(USAGE) + DONE);
        OpenAiStream done = new OpenAiStream("mine", false);
        fed(done, FIRST, "data: [DONE]\n");
        assertThat(done.complete()).isFalse();
        done.closed();
        assertThat(done.complete()).isTrue();
        assertThat(done.trailer().toString()).isEqualTo(DONE);
    }

    @Test
    void anErrorInsideTheStreamEndsIt() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        String out = fed(stream, FIRST + "data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n" + FINISH);
        assertThat(out)
                .as("what came before it passes, what comes behind does not")
                .isEqualTo(renamed(FIRST));
        assertThat(stream.failure()).isNotNull().satisfies(failure -> {
            assertThat(failure.message()).contains("overloaded");
            assertThat(failure.status()).isEqualTo(503);
        });
        assertThat(stream.complete()).isFalse();
        OpenAiStream fine = new OpenAiStream("mine", false);
        fed(fine, "data: {\"error\":null,\"choices\":[]}\n\n");
        assertThat(fine.failure()).isNull();
    }

    @Test
    void anEventThatIsNoJsonBreaksTheStream() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        assertThatThrownBy(() -> fed(stream, "data: {\"model\":\n\n")).isInstanceOf(BadPayload.class);
    }

    /** Looking again at all of a large event with each new piece would take minutes. */
    @Test
    void aLargeEventInManyPiecesIsLookedAtOnce() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        byte[] piece = "x".repeat(64).getBytes(StandardCharsets.US_ASCII);
        long before = System.nanoTime();
        fed(stream, "data: {\"a\":\"");
        for (int i = 0; i < 250_000; i++) {
            assertThat(stream.feed(Buffer.buffer(piece)) == null).isTrue();
        }
        String out = fed(stream, "\",\"model\":\"gpt-4o\"}\n\n");
        assertThat(out.length()).isEqualTo(16_000_000 + "data: {'a':'','model':'mine'}\n\n".length());
        assertThat(out.substring(16_000_000)).endsWith("\"mine\"}\n\n");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void anEventWithoutEndIsRefused() {
        OpenAiStream stream = new OpenAiStream("mine", false);
        Buffer large = Buffer.buffer(new byte[12 << 20]);
        stream.feed(large);
        stream.feed(large);
        assertThatThrownBy(() -> stream.feed(large))
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining("32 MiB");
    }

    @Test
    void itIsCompleteWhenEveryChoiceHasAFinishReasonThatSaysSomething() {
        OpenAiStream stream = new OpenAiStream("m", true);
        fed(stream, chunk("{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}"));
        assertThat(stream.complete()).as("an empty reason").isFalse();
        fed(stream, chunk("{\"index\":1,\"delta\":{\"content\":\"b\"}}"));
        fed(stream, chunk("{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}"));
        assertThat(stream.complete()).as("the other choice goes on").isFalse();
        fed(stream, chunk("{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}"));
        assertThat(stream.complete()).isTrue();
    }

    private static String chunk(String choice) {
        return "data: {\"model\":\"x\",\"choices\":[" + choice + "]}\n\n";
    }
}
