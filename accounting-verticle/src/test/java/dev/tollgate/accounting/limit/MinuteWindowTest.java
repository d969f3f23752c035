package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class MinuteWindowTest {
    private static final long START = 1_767_225_600_000L;

    /** LiteLLM's fixed minute would let 1,200 through around its end. */
    @RepeatedTest(5)
    void inNoMinuteMoreBeginThanTheLimitAndHardlyFewer() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        MinuteWindow window = new MinuteWindow();
        List<Long> admitted = new ArrayList<>();
        long now = START;
        while (now < START + 600_000) {
            now += random.nextInt(40);
            if (window.requests(now) < 600) {
                window.begin(now, 1);
                admitted.add(now);
            }
        }
        for (int i = 600; i < admitted.size(); i++) {
            assertThat(admitted.get(i) - admitted.get(i - 600))
                    .as("seed %d, call %d", seed, i)
                    .isGreaterThanOrEqualTo(60_000);
        }
        assertThat(admitted.size()).as("seed %d", seed).isGreaterThan(10 * 590);
    }

    @Test
    void whatWasUsedTakesThePlaceOfWhatWasSetAside() {
        MinuteWindow window = new MinuteWindow();
        long begun = window.begin(START, 500);
        assertThat(window.tokens(START + 10)).isEqualTo(500);
        window.end(START + 20, begun, 500, 120);
        assertThat(window.tokens(START + 30)).isEqualTo(120);
        assertThat(window.running()).isZero();
        assertThat(window.tokens(START + 60_500)).isZero();
    }

    @Test
    void tokensOfACallLongerThanAMinuteCountWhenTheyAreKnown() {
        MinuteWindow window = new MinuteWindow();
        long begun = window.begin(START, 500);
        assertThat(window.tokens(START + 90_000)).isZero();
        window.end(START + 90_000, begun, 500, 700);
        assertThat(window.tokens(START + 90_000)).isEqualTo(700);
        assertThat(window.tokens(START + 151_000)).isZero();
    }

    @Test
    void aCallThatIsNotMadeDoesNotCount() {
        MinuteWindow window = new MinuteWindow();
        window.undo(START + 5, window.begin(START, 500), 500);
        assertThat(window.requests(START + 10)).isZero();
        assertThat(window.tokens(START + 10)).isZero();
        assertThat(window.running()).isZero();
    }

    @Test
    void aClockThatIsPutBackDoesNotStopTheMinute() {
        MinuteWindow window = new MinuteWindow();
        long begun = window.begin(START, 500);
        long back = START - 600_000;
        assertThat(window.requests(back)).as("what was counted still counts").isEqualTo(1);
        window.end(back + 1_000, begun, 500, 120);
        assertThat(window.tokens(back + 1_000)).isEqualTo(120);
        assertThat(window.requests(back + 30_000)).isEqualTo(1);
        long wait = window.untilFreed(back + 30_000, false);
        assertThat(wait).isBetween(30_000L, 31_000L);
        assertThat(window.requests(back + 30_000 + wait)).isZero();
        assertThat(window.tokens(back + 30_000 + wait)).isZero();
        window.begin(back + 70_000, 1);
        assertThat(window.requests(back + 69_000))
                .as("lanes do not look at the clock at the same time")
                .isEqualTo(1);
        assertThat(window.requests(back + 130_500)).isZero();
    }

    @Test
    void tellsWhenTheNextOneMayBegin() {
        MinuteWindow window = new MinuteWindow();
        window.begin(START + 700, 10);
        long wait = window.untilFreed(START + 10_000, false);
        assertThat(window.requests(START + 10_000 + wait - 1)).isEqualTo(1);
        assertThat(window.requests(START + 10_000 + wait)).isZero();
    }
}
