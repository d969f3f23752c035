package dev.tollgate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
        Buffer direct =
                BufferInternal.buffer(Unpooled.directBuffer().writeBytes(body.getBytes(StandardCharsets.UTF_8)));
        for (Buffer bytes :
                List.of(Buffer.buffer(body), Buffer.buffer("xx" + body).slice(2, body.length() + 2), direct)) {
            assertThat(texts.count(bytes)).isEqualTo(times);
            assertThat(texts.in(bytes)).isEqualTo(times > 0);
        }
    }
}
