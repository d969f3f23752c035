package dev.tollgate.provider.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineParserTest {
    private static final List<String> LINES = List.of("{\"a\":1}", "{\"b\":\"Grüße 👋 世界\"}", "{\"c\":\"\\r\\n\"}");

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\n\n", "  \n \r\n"})
    void linesAreTheSameHoweverTheyEndAndTheStreamIsCut(String end) {
        for (String mark : List.of("", "\uFEFF")) {
            Buffer bytes = Buffer.buffer(mark + String.join(end, LINES) + end);
            for (int cut = 0; cut <= bytes.length(); cut++) {
                LineParser parser = new LineParser();
                List<String> found = new ArrayList<>();
                parser.feed(bytes.slice(0, cut), found::add);
                parser.feed(bytes.slice(cut, bytes.length()), found::add);
                parser.finish(found::add);
                assertThat(found).as("cut at %d", cut).isEqualTo(LINES);
            }
        }
    }

    @Test
    void aLastLineWithoutNewlineCountsOnceTheStreamEnds() {
        LineParser parser = new LineParser();
        List<String> found = new ArrayList<>();
        parser.feed(Buffer.buffer("1\n2"), found::add);
        assertThat(found).containsExactly("1");
        parser.finish(found::add);
        parser.finish(found::add);
        assertThat(found).containsExactly("1", "2");
    }

    @Test
    void aLineWithoutEndIsRefused() {
        LineParser parser = new LineParser();
        Buffer megabyte = Buffer.buffer("x".repeat(1 << 20));
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= SseParser.MAX_LINE >> 20; i++) {
                        parser.feed(megabyte, _ -> {});
                    }
                })
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining("32 MiB");
    }
}
