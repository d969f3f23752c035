package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.price.Cost;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpendRowTest {
    private static final long MAX = Long.MAX_VALUE;
    private static final long MIN = Long.MIN_VALUE;

    /** Of pictures. */
    private static final long MOST = 99_999_999_999_999L;

    /** A record of the release before last, which did not say what it was priced by. */
    private static final String BEFORE =
            "010d000000c800000000000005dc0000019b76daa8004029000000000000bff0000000000000000000000000"
                    + "000a000000000000000000000000000000000000000000000000000000000000000000000000000000050000"
                    + "0000000000000000000000000000000000000000000000000001780000000b61636f6d706c6574696f6e0000"
                    + "00046861736800000004616e6e61000000047465616d00000003656e6400000005616c696173000000066770"
                    + "742d346f0000000a6465706c6f796d656e740000000567726f7570000000066f70656e616900000019687474"
                    + "70733a2f2f6170692e6f70656e61692e636f6d2f763100000003612c620000001367726f75702f6465706c6f"
                    + "796d656e743d6f6bffffffff02200000000000000007ec0000000000000190";

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
                -0.0,
                List.of(),
                null);
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
                0,
                List.of(),
                null);
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
                    0,
                    List.of(),
                    null);
            assertThat(SpendRow.read(Calls.record(row))).isEqualTo(row);
        }
    }

    @Test
    void theTierIsKeptAndTheStandardOneIsNoWord() {
        SpendRow row = Calls.row("a");
        for (ServiceTier tier : ServiceTier.values()) {
            Usage read = SpendRow.read(Calls.record(Calls.in(row, tier))).usage();
            assertThat(read)
                    .isEqualTo(
                            tier == ServiceTier.STANDARD
                                    ? row.usage()
                                    : row.usage().in(tier));
        }
    }

    /** Behind however many charges. Empty: it was priced by nothing. */
    @Test
    void whatARowWasPricedByIsKept() {
        for (int number : new int[] {0, 1, 255, 300}) {
            List<Charge> charges = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                charges.add(charge(Kind.TAG, "tag " + i, 0));
            }
            for (String version : List.of("", "0123456789")) {
                SpendRow row = Calls.priced(Calls.row("x").charged(charges), version);
                assertThat(SpendRow.read(Calls.record(row))).isEqualTo(row);
            }
        }
    }

    /** Behind however many charges, and whatever it was priced by. */
    @Test
    void picturesAreKept() {
        for (int number : new int[] {0, 1, 254, 255, 300}) {
            List<Charge> charges = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                charges.add(charge(Kind.TAG, "tag " + i, 0));
            }
            for (String version : List.of("", "0123456789")) {
                for (long[] pictures : new long[][] {{258, 0}, {0, 1_290}, {258, 1_290}, {MOST, MOST}}) {
                    SpendRow row = Calls.pictures(
                            Calls.priced(Calls.row("x").charged(charges), version), pictures[0], pictures[1]);
                    assertThat(SpendRow.read(Calls.record(row))).isEqualTo(row);
                    SpendRow flex = Calls.in(row, ServiceTier.FLEX);
                    assertThat(SpendRow.read(Calls.record(flex))).isEqualTo(flex);
                }
            }
        }
    }

    /** It takes the whole text for what the row was priced by, and has a column of 40 characters for that. */
    @Test
    void theReleaseBeforeCanStoreWhatItTakesForTheMark() {
        SpendRow row = Calls.priced(Calls.row("x"), "0123456789");
        byte[] without = Calls.record(row).getBytes();
        byte[] usual = Calls.record(Calls.pictures(row, 258, 1_290)).getBytes();
        assertThat(new String(usual, StandardCharsets.UTF_8)).endsWith("0123456789 258 1290" + (char) 19);
        usual[without.length - 1] = 10;
        assertThat(usual).startsWith(without);
        assertThat(Calls.record(Calls.pictures(row, MAX, MAX)).getBytes())
                .hasSize(without.length + 30)
                .endsWith(40);
    }

    @Test
    void countsOfPicturesThatCannotBeAreCutOff() {
        SpendRow row = Calls.priced(Calls.row("x"), "0123456789");
        assertThat(SpendRow.read(Calls.record(Calls.pictures(row, -1, MIN)))).isEqualTo(row);
        assertThat(SpendRow.read(Calls.record(Calls.pictures(row, -1, MAX)))).isEqualTo(Calls.pictures(row, 0, MOST));
        SpendRow unsaid = Calls.row("x");
        assertThat(SpendRow.read(Calls.record(Calls.pictures(unsaid, 1, 1)))).isEqualTo(unsaid);
    }

    /** What it was priced by, as it stood in a journal then. */
    @Test
    void aRecordWithoutPicturesIsAsItWasBefore() {
        SpendRow row = Calls.priced(
                Calls.row("x").charged(List.of(charge(Kind.KEY, "hash", 7), new Charge(Holder.ALL, 7, 400))),
                "0123456789");
        Buffer record = Buffer.buffer()
                .appendBytes(HexFormat.of().parseHex(BEFORE))
                .appendString("0123456789")
                .appendByte((byte) 10)
                .setByte(1, (byte) 0x8d);
        assertThat(Calls.record(row)).isEqualTo(record);
        assertThat(SpendRow.read(record)).isEqualTo(row);
    }

    /** As it stood in a journal then. */
    @Test
    void aRecordOfTheReleaseBeforeIsRead() {
        SpendRow row = Calls.row("x").charged(List.of(charge(Kind.KEY, "hash", 7), new Charge(Holder.ALL, 7, 400)));
        assertThat(SpendRow.read(Buffer.buffer(HexFormat.of().parseHex(BEFORE))))
                .isEqualTo(row);
    }

    private static Charge charge(Kind kind, String id, long period) {
        return new Charge(new Holder(kind, id), period);
    }

    @Test
    void chargesAreReadAsTheyWereWrittenAndTakeLittleRoom() {
        SpendRow row = Calls.row("x");
        List<Charge> usual = List.of(
                charge(Kind.KEY, "hash", 0),
                charge(Kind.USER, "anna", 1_767_225_600_000L),
                charge(Kind.TEAM, "team", 1_767_225_600_000L),
                new Charge(Holder.member("team", "anna"), 1_767_225_600_000L),
                charge(Kind.CUSTOMER, "end", 0),
                new Charge(Holder.model("hash", "alias"), 0),
                new Charge(Holder.ALL, 0));
        List<Charge> odd = new ArrayList<>(List.of(charge(Kind.KEY, "the hash it had once", Long.MIN_VALUE)));
        for (String near : List.of("team\nann", "team\nannb", "tean\nanna", "team anna", "team\n\nanna", "eam\nanna")) {
            odd.add(charge(Kind.MEMBER, near, 5));
        }
        odd.add(charge(Kind.KEY_MODEL, "hash\nalia", 5));
        odd.add(charge(Kind.KEY_MODEL, "hash\naliat", 5));
        for (Kind kind : Kind.values()) {
            odd.add(charge(kind, "", Long.MAX_VALUE));
            odd.add(new Charge(new Holder(kind, "part"), 5, 1_234_567));
            odd.add(charge(kind, "Grüße\0\n \uD83D\uDE80", 5));
        }
        Buffer without = Calls.record(row);
        for (List<Charge> charges : List.of(usual, odd)) {
            SpendRow charged = row.charged(charges);
            assertThat(SpendRow.read(Calls.record(charged))).isEqualTo(charged);
        }
        assertThat(Calls.record(row.charged(usual)).length() - without.length()).isLessThan(30);
    }

    /** Tags may be many. A byte counts 255; the release before reads those. */
    @Test
    void noChargeIsLeftOutHoweverManyThereAre() {
        for (int number : new int[] {254, 255, 256, 1_000}) {
            List<Charge> charges = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                charges.add(charge(Kind.TAG, "tag " + i, 0));
            }
            SpendRow charged = Calls.row("x").charged(charges);
            assertThat(SpendRow.read(Calls.record(charged)).charges())
                    .as("%d charges", number)
                    .isEqualTo(charges);
        }
    }

    /** The release before reads all up to the charges, and the next one reads what the release before wrote. */
    @Test
    void chargesStandBehindARecordThatIsOtherwiseAsItWas() {
        SpendRow row = Calls.row("x");
        byte[] without = Calls.record(row).getBytes();
        byte[] with =
                Calls.record(row.charged(List.of(new Charge(Holder.ALL, 0)))).getBytes();
        assertThat(with[1] ^ without[1]).isEqualTo(8);
        with[1] = without[1];
        assertThat(with).startsWith(without).hasSize(without.length + 2);
        assertThat(SpendRow.read(Buffer.buffer(with))).isEqualTo(row);
    }

    @Test
    void aRecordOfALaterVersionIsRefused() {
        Buffer record = Calls.record(Calls.row("x"));
        record.setByte(0, (byte) 2);
        assertThatThrownBy(() -> SpendRow.read(record)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCallThatReachedNoDeploymentIsKnownByTheNameItAskedFor() {
        assertThat(CallRows.last(settlement("gpt-nine", null, ""), Cost.NOTHING, List.of())
                        .model())
                .isEqualTo("gpt-nine");
        assertThat(CallRows.last(settlement("mine", null, "sent"), Cost.NOTHING, List.of())
                        .model())
                .isEqualTo("sent");
        assertThat(CallRows.last(settlement("mine", "reported", "sent"), Cost.NOTHING, List.of())
                        .model())
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
        SpendRow row = CallRows.last(
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
                new Cost(5, true, ""),
                List.of());
        assertThat(Calls.record(row).length()).isLessThan(32_000);
        assertThat(row.durationMillis()).isEqualTo(-1);
        assertThat(row.firstTokenMillis()).isEqualTo(-1);
        assertThat(row.failure()).isEqualTo("TIMEOUT");
    }
}
