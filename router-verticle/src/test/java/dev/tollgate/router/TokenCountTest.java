package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCountTest {
    private static final Encoding ENCODING = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final PromptTokens TOKENS = new PromptTokens();
    private static final List<String> SENTENCES = List.of(
            "The gateway asks the router, which picks a deployment that is healthy and has room left. ",
            "Der Verwaltungsgerichtshof hat die Beschwerde zurückgewiesen; die Kosten trägt der Kläger.\n\n",
            "    if (members.isEmpty() || !candidates.another(members, failed)) {\n        return refused;\n    }\n",
            "人工智能正在改变我们的生活方式，许多公司开始使用大型语言模型来回答客户的问题。",
            "2026-11-21T14:06:05Z INFO  call=7f3a1c09 deployment=gpt-4o-eu status=200 tokens=1532 cost=0.00412\n",
            "Привет! Как дела? Сегодня мы поговорим о маршрутизации запросов. ",
            "{\"id\": \"chatcmpl-9xYz\", \"object\": \"chat.completion\", \"choices\": [{\"index\": 0}]}\n",
            "Well 👩‍👩‍👧 — that's *not* what I'd call \"simple\", is it? https://example.org/a/b?c=d&e=f#g ");

    private static String text(int characters, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        StringBuilder text = new StringBuilder();
        while (text.length() < characters) {
            text.append(SENTENCES.get(random.nextInt(SENTENCES.size())));
        }
        return text.toString();
    }

    private static int tokens(String text) {
        TokenCount count = new TokenCount(ENCODING);
        count.add(text);
        return count.tokens();
    }

    @ParameterizedTest
    @CsvSource({"3000, 0.001", "500_000, 0.5", "2_500_000, 2"})
    void textsAreCountedAsTheEncodingDoesAndVeryLongOnesNearlySo(String characters, double percent) {
        String text = text(Integer.parseInt(characters.replace("_", "")), 7);
        assertThat(tokens(text)).isCloseTo(ENCODING.countTokensOrdinary(text), withinPercentage(percent));
    }

    @Test
    void manyShortTextsAreOnePrompt() {
        TokenCount count = new TokenCount(ENCODING);
        int exact = 0;
        for (int i = 0; i < 3000; i++) {
            String text = text(500, i);
            count.add(text);
            exact += ENCODING.countTokensOrdinary(text);
        }
        assertThat(count.tokens()).isCloseTo(exact, withinPercentage(2));
    }

    /** Two million of one letter took eight seconds. CPU time, for the machine may be busy with other things. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "\n", "中", "😀"})
    void aTextWithoutABreakTakesNoLongerThanAnyOther(String letter) {
        byte[] body = ("{\"messages\":[{\"role\":\"user\",\"content\":\""
                        + letter.repeat(2_000_000).replace("\n", "\\n") + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] usual = ("{\"prompt\":\"" + text(2_000_000, 7).replaceAll("[^a-zA-Z ]", "x") + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        TOKENS.of(usual);
        long began = THREADS.getCurrentThreadCpuTime();
        TOKENS.of(usual);
        long between = THREADS.getCurrentThreadCpuTime();
        int counted = TOKENS.of(body);
        long took = THREADS.getCurrentThreadCpuTime() - between;
        assertThat(took)
                .isLessThan(10 * (between - began) + Duration.ofSeconds(2).toNanos());
        int sample = 10_000 / letter.length();
        double exact = ENCODING.countTokensOrdinary(letter.repeat(sample)) * 2_000_000.0 / sample;
        assertThat((double) counted).isBetween(exact * 0.97, exact * 1.5);
    }
}
