package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LetterTest {
    /** What the first release sends: topic "t.é", members {"a":1}, bytes "body". */
    private static final String FIRST_RELEASE = "0100000004742ec3a9000000077b2261223a317d626f6479";

    @Test
    void whatIsWrittenIsRead() {
        Letter letter = new Letter("t.é", new JsonObject().put("a", 1), Buffer.buffer("body"));
        assertThat(Letter.decode(letter.encode())).isEqualTo(letter);
        assertThat(Letter.decode(Letter.done().encode())).isEqualTo(Letter.done());
    }

    @Test
    void whatTheFirstReleaseWroteIsRead() {
        Letter letter = Letter.decode(Buffer.buffer(HexFormat.of().parseHex(FIRST_RELEASE)));
        assertThat(letter).isEqualTo(new Letter("t.é", new JsonObject().put("a", 1), Buffer.buffer("body")));
    }

    @Test
    void whatIsNoLetterIsSaid() {
        byte[] whole = HexFormat.of().parseHex(FIRST_RELEASE);
        for (int length : new int[] {0, 3, 8, 12, 18}) {
            assertThatThrownBy(() -> Letter.decode(Buffer.buffer(whole).getBuffer(0, length)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        whole[0] = 9;
        assertThatThrownBy(() -> Letter.decode(Buffer.buffer(whole))).hasMessageContaining("version 9");
    }
}
