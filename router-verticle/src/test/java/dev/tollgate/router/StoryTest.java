package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Tried;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoryTest {
    private static Answer.Route route(String group, int attempts) {
        List<Tried> tried = IntStream.rangeClosed(1, attempts)
                .mapToObj(i -> new Tried(
                        group, "d" + i, "openai", "m", 500, FailureKind.UPSTREAM_ERROR, 1, "simple-shuffle", 0))
                .toList();
        return new Answer.Route(group, "d", "openai", "m", "", 0, 0, 0, 0, 0, tried, false);
    }

    /** A header must stay within what clients and proxies take. */
    @ParameterizedTest
    @CsvSource({"5, 0", "5, 1", "5, 2", "5, 60", "5, 500", "400, 4", "400, 30", "600, 3"})
    void aLongStoryIsToldByItsBeginningAndItsEnd(int nameLength, int attempts) {
        String group = "g".repeat(nameLength);
        Answer.Route route = route(group, attempts);
        String all = route.attempts().stream().map(Tried::brief).collect(Collectors.joining(" > "));

        String told = route.story(2_000);

        assertThat(told).hasSizeLessThanOrEqualTo(2_000);
        if (all.length() < 1_980) {
            assertThat(told).isEqualTo(all);
        } else {
            List<String> parts = List.of(told.split(" > "));
            assertThat(parts.getFirst()).startsWith(group + "/d1=");
            assertThat(parts.getLast()).startsWith(group + "/d" + attempts + "=");
            assertThat(parts).contains("(" + (attempts - parts.size() + 1) + " more)");
        }
        assertThat(route.story()).hasSizeLessThanOrEqualTo(4_000);
    }
}
