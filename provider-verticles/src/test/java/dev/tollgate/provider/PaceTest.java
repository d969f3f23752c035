package dev.tollgate.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    /** Five events in ten seconds are enough at 0.5 a second. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data: {"a":1}~~                                       | 5 | false
            data: {"a":1}~~                                       | 4 | true
            data: {"a":1}~~: ping~~                               | 4 | true
            : data:~~                                             | 9 | true
            event: ping~data: {"type": "ping"}~~                  | 9 | true
            event: ping~data: {"type":"ping"}~~                   | 9 | true
            event: x~data: {"type":"content_block_delta","n":1}~~ | 5 | false
            data:{"a":"ping pong"}~~data:2~~                      | 3 | false
            """)
    void countsEventsThatCarrySomething(String chunk, int times, boolean slow) {
        Pace pace = Pace.of(0.5, 0);
        for (int i = 0; i < times; i++) {
            pace.heard(Buffer.buffer(chunk.replace('~', '\n')));
        }
        assertThat(pace.tooSlow(10 * SECOND - 1, true))
                .as("the window is not over")
                .isFalse();
        assertThat(pace.tooSlow(10 * SECOND, true)).isEqualTo(slow);
    }

    @Test
    void eachWindowStandsForItselfAndOneInWhichTheClientHadNoRoomCountsForNothing() {
        Pace pace = Pace.of(0.1, 0);
        pace.heard(Buffer.buffer("data: 1\n\ndata: 2\n\n"));
        assertThat(pace.tooSlow(10 * SECOND, true)).isFalse();
        assertThat(pace.tooSlow(19 * SECOND, false)).isFalse();
        assertThat(pace.tooSlow(28 * SECOND, true)).isFalse();
        assertThat(pace.tooSlow(29 * SECOND, true)).isTrue();
    }

    @Test
    void withoutARateNothingIsCounted() {
        assertThat(Pace.of(0, 0)).isNull();
    }
}
