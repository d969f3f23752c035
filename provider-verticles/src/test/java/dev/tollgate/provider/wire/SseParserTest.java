package dev.tollgate.provider.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
    /** Every rule at once: a comment, fields to skip, no space, two spaces, empty data, several lines, names, names without data. */
    private static final List<String> LINES = List.of(
            ": a comment",
            "id: 7",
            "retry: 10",
            "data: first",
            "",
            "event: named",
            "data:no space",
            "data:  two spaces",
            "data",
            "data: Grüße 👋 世界",
            "",
            "event: forgotten, for it has no data",
            "",
            "datas: not data",
            "data: a: b",
            "",
            "event: renamed",
            "event",
            "data:",
            "",
            "data: never ended");

    private static final List<String> EVENTS =
            List.of("|first", "named|no space\n two spaces\n\nGrüße 👋 世界", "|a: b", "|");

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void eventsAreTheSameHoweverLinesEndAndTheStreamIsCut(String end) {
        Buffer bytes = Buffer.buffer(String.join(end, LINES) + end);
        assertThat(events(bytes)).isEqualTo(EVENTS);
        for (int cut = 0; cut <= bytes.length(); cut++) {
            assertThat(events(bytes.slice(0, cut), bytes.slice(cut, bytes.length())))
                    .as("cut at %d", cut)
                    .isEqualTo(EVENTS);
        }
    }

    @Test
    void anyCutsAndAnyMixOfLineEndsGiveTheSameEvents() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "");
            for (String line : LINES) {
                // After a lone CR an empty line's LF would belong to it.
                text.append(line).append(random.nextBoolean() ? "\r\n" : "\n");
            }
            Buffer bytes = Buffer.buffer(text.toString());
            List<Buffer> pieces = new ArrayList<>();
            for (int at = 0; at < bytes.length(); ) {
                int next = Math.min(bytes.length(), at + random.nextInt(9));
                pieces.add(bytes.slice(at, next));
                at = next;
            }
            assertThat(events(pieces.toArray(Buffer[]::new)))
                    .as("seed %d", seed)
                    .isEqualTo(EVENTS);
        }
    }

    @Test
    void aByteOrderMarkIsSkippedAtTheBeginningOnly() {
        assertThat(events(Buffer.buffer("\uFEFFdata: x\n\n\uFEFFdata: y\n\ndata: z\n\n")))
                .containsExactly("|x", "|z");
    }

    @Test
    void anEventBelongsToItsOwnNameOnly() {
        assertThat(events(Buffer.buffer("event: a\ndata: 1\n\ndata: 2\n\n"))).containsExactly("a|1", "|2");
    }

    @Test
    void aLineWithoutEndIsRefused() {
        SseParser parser = new SseParser();
        Buffer megabyte = Buffer.buffer("data: " + "x".repeat(1 << 20));
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= SseParser.MAX_LINE >> 20; i++) {
                        parser.feed(megabyte, (_, _) -> {});
                    }
                })
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining("32 MiB");
    }

    @Test
    void anEventWithoutEndIsRefused() {
        SseParser parser = new SseParser();
        Buffer megabyte = Buffer.buffer("data: " + "x".repeat(1 << 20) + "\n");
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= SseParser.MAX_LINE >> 20; i++) {
                        parser.feed(megabyte, (_, _) -> {});
                    }
                })
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining("32 MiB");
    }

    private static List<String> events(Buffer... pieces) {
        SseParser parser = new SseParser();
        List<String> found = new ArrayList<>();
        for (Buffer piece : pieces) {
            parser.feed(piece, (name, data) -> found.add(name + "|" + data));
        }
        return found;
    }
}
