package dev.tollgate.accounting;

import dev.tollgate.protocol.ServiceTier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of a {@link SpendRow}, which the journal holds: a version byte, flags, fixed numbers, then texts with their length in front,
 * the call's id first, the charges behind them, and at the end what it was priced by and, if there were any, its tokens of pictures
 * ({@link PriceMark}), with the text's length as the last byte: the release before reads so far as it knows. A row that does not say what it
 * was priced by has no place for pictures.
 */
final class RowForm {
    static final byte VERSION = 1;

    /** Where the byte is that tells how texts, charges and mark are to be read. */
    static final int FLAGS_AT = 1;

    static final int STATUS_AT = 2;
    static final int COST_AT = 6;
    static final int START_AT = 14;
    static final int DURATION_AT = 22;
    static final int FIRST_TOKEN_AT = 30;
    static final int TOKENS_AT = 38;
    static final int TOKENS = 9;

    /** Bytes before the first text. */
    static final int FIXED = TOKENS_AT + TOKENS * Long.BYTES;

    private static final int MOST_BYTES_A_CHAR = 3;
    private static final int PRICED = 1;
    private static final int STREAM = 2;
    private static final int REPORTED = 4;
    private static final int CHARGED = 8;

    /** From here on, three bits: the service tier's number, and 0 for the standard one. */
    private static final int TIER_SHIFT = 4;

    private static final int TIER = 7;
    private static final int VERSIONED = 128;

    /** What stands in records; a tier keeps its number for good. */
    private static final List<ServiceTier> TIERS = List.of(
            ServiceTier.STANDARD, ServiceTier.FLEX, ServiceTier.BALANCED, ServiceTier.PRIORITY, ServiceTier.ULTRAFAST);

    private RowForm() {}

    static byte flags(SpendRow row) {
        ServiceTier tier = row.usage().tier();
        int flags = (row.priced() ? PRICED : 0)
                | (row.stream() ? STREAM : 0)
                | (row.usage().reported() ? REPORTED : 0)
                | (row.charges().isEmpty() ? 0 : CHARGED)
                | (row.priceVersion() == null ? 0 : VERSIONED)
                | (TIERS.indexOf(tier == null ? ServiceTier.STANDARD : tier) << TIER_SHIFT);
        return (byte) flags;
    }

    static boolean priced(byte flags) {
        return (flags & PRICED) != 0;
    }

    static boolean stream(byte flags) {
        return (flags & STREAM) != 0;
    }

    static boolean reported(byte flags) {
        return (flags & REPORTED) != 0;
    }

    /** There are charges. */
    static boolean charged(byte flags) {
        return (flags & CHARGED) != 0;
    }

    /** It says what it was priced by. */
    static boolean versioned(byte flags) {
        return (flags & VERSIONED) != 0;
    }

    static @Nullable ServiceTier tier(byte flags) {
        int number = flags >> TIER_SHIFT & TIER;
        return number == 0 || number >= TIERS.size() ? null : TIERS.get(number);
    }

    /** No less than what a text takes. */
    static int room(String text) {
        return Integer.BYTES + MOST_BYTES_A_CHAR * text.length();
    }

    static void text(ByteBuffer out, String text) {
        put(out, utf8(text));
    }

    static void put(ByteBuffer out, byte @Nullable [] text) {
        if (text == null) {
            out.putInt(-1);
        } else {
            out.putInt(text.length).put(text);
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
