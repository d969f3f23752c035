package dev.tollgate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotedTextsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":\"image_url\",\"image_url\":{}} | 2",
                "{\"type\":\"image\"}                        | 1",
                "{\"images\":\"an image_url\"}               | 0",
                "\"image\"\"image_url\"                      | 2",
                "\"image_ur                                     | 0",
                "\"                                             | 0",
                "{}                                              | 0",
            })
    void areFoundWholeAndWithTheirQuotes(String body, int times) {
        QuotedTexts texts = QuotedTexts.of("image", "image_url");
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        assertThat(texts.count(bytes)).isEqualTo(times);
        assertThat(texts.in(bytes)).isEqualTo(times > 0);
    }
}
