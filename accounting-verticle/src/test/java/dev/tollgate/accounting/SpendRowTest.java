package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpendRowTest {
    private static final long MAX = Long.MAX_VALUE;
    private static final long MIN = Long.MIN_VALUE;

    @Test
    void everyRowReadsAsItWasWritten() {
        String odd = "Grüße, 世界 \uD83D\uDE80 \0 \n \"quoted\" '); DROP TABLE";
        SpendRow full = new SpendRow(
                odd,
                "a",
                "b",
                "c",
                "d",
                odd,
                "e",
                "f".repeat(70_000),
                "g",
                "h",
                "i",
                "j",
                "k",
                "l",
                odd,
                new Usage(MAX, MIN, 1, 2, 3, 4, 5, 6, 7, true),
                MIN,
                true,
                true,
                -1,
                MAX,
                Double.MAX_VALUE,
                -0.0);
        SpendRow empty = new SpendRow(
                "",
                "",
                null,
                null,
                null,
                null,
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                null,
                Usage.NONE,
                0,
                false,
                false,
                0,
                0,
                0,
                0);
        for (SpendRow row : List.of(full, empty, Calls.row("plain"))) {
            assertThat(SpendRow.read(Calls.record(row))).isEqualTo(row);
        }
    }

    @Test
    void flagsAreIndependent() {
        for (int flags = 0; flags < 8; flags++) {
            Usage usage = new Usage(1, 0, 0, 0, 0, 1, 0, 0, 0, (flags & 4) != 0);
            SpendRow row = new SpendRow(
                    "",
                    "",
                    null,
                    null,
                    null,
                    null,
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    null,
                    usage,
                    0,
                    (flags & 1) != 0,
                    (flags & 2) != 0,
                    0,
                    0,
                    0,
                    0);
            assertThat(SpendRow.read(Calls.record(row))).isEqualTo(row);
        }
    }

    @Test
    void aRecordOfALaterVersionIsRefused() {
        Buffer record = Calls.record(Calls.row("x"));
        record.setByte(0, (byte) 2);
        assertThatThrownBy(() -> SpendRow.read(record)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCallThatReachedNoDeploymentIsKnownByTheNameItAskedFor() {
        assertThat(SpendRow.of(settlement("gpt-nine", null, ""), 0, true).model())
                .isEqualTo("gpt-nine");
        assertThat(SpendRow.of(settlement("mine", null, "sent"), 0, true).model())
                .isEqualTo("sent");
        assertThat(SpendRow.of(settlement("mine", "reported", "sent"), 0, true).model())
                .isEqualTo("reported");
    }

    private static Settlement settlement(String asked, @Nullable String reported, String sent) {
        return new Settlement(
                "id",
                Surface.CHAT,
                Caller.ANYONE,
                null,
                List.of(),
                asked,
                reported,
                new Answer.Route("", "", "", sent, "", 0, 0, 0, 0, 0, List.of(), false),
                Usage.of(0, 0),
                false,
                1,
                1,
                -1,
                404,
                FailureKind.NOT_FOUND);
    }

    @Test
    void textsThatClientsChooseAreClipped() {
        String huge = "x".repeat(20 << 20);
        SpendRow row = SpendRow.of(
                new Settlement(
                        "id",
                        Surface.CHAT,
                        Caller.ANYONE,
                        huge,
                        List.of(huge, huge),
                        huge,
                        huge,
                        new Answer.Route(
                                "g",
                                "d",
                                "p",
                                "m",
                                "b",
                                0,
                                0,
                                0,
                                0,
                                0,
                                List.of(new Tried(huge, huge, "p", "m", 200, null, 1, "only", 0)),
                                true),
                        Usage.of(1, 1),
                        false,
                        1,
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        200,
                        FailureKind.TIMEOUT),
                5,
                true);
        assertThat(Calls.record(row).length()).isLessThan(32_000);
        assertThat(row.durationMillis()).isEqualTo(-1);
        assertThat(row.firstTokenMillis()).isEqualTo(-1);
        assertThat(row.failure()).isEqualTo("TIMEOUT");
    }
}
