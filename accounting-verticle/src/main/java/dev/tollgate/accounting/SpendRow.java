package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.protocol.PartId;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call, or one part of it, as it is written down. Of a call of several parts the last has the call's id; see {@link PartId}. The
 * binary form, which the journal holds, is a version byte, fixed numbers, then texts with their length in front, the charges behind them,
 * and at the end what it was priced by and, if there were any, its tokens of pictures ({@link PriceMark}), with the text's length as the
 * last byte: the release before reads so far as it knows. A row that does not say what it was priced by has no place for pictures.
 *
 * @param priceVersion {@link dev.tollgate.accounting.price.Tariff#version} of the prices that it was priced by; empty: by none; null: the
 *     release before wrote it
 */
public record SpendRow(
        String callId,
        String callType,
        @Nullable String keyHash,
        @Nullable String user,
        @Nullable String team,
        @Nullable String endUser,
        String requestedModel,
        String model,
        String modelId,
        String modelGroup,
        String provider,
        String apiBase,
        String tags,
        String route,
        @Nullable String failure,
        Usage usage,
        long costNanos,
        boolean priced,
        boolean stream,
        int status,
        long startedAtMillis,
        double durationMillis,
        double firstTokenMillis,
        List<Charge> charges,
        @Nullable String priceVersion) {
    private static final byte VERSION = 1;

    /** Bytes before the first text. */
    private static final int FIXED = 38 + 9 * Long.BYTES;

    private static final int MOST_BYTES_A_CHAR = 3;
    private static final byte[] NO_MARK = {};

    /** What stands in records; a tier keeps its number for good. */
    private static final List<ServiceTier> TIERS = List.of(
            ServiceTier.STANDARD, ServiceTier.FLEX, ServiceTier.BALANCED, ServiceTier.PRIORITY, ServiceTier.ULTRAFAST);

    private static final int LONGEST_TEXT = 4_000;
    private static final int PRICED = 1;
    private static final int STREAM = 2;
    private static final int REPORTED = 4;
    private static final int CHARGED = 8;

    /** From here on, three bits: the service tier's number, and 0 for the standard one. */
    private static final int TIER_SHIFT = 4;

    private static final int TIER = 7;
    private static final int VERSIONED = 128;

    public SpendRow {
        charges = List.copyOf(charges);
    }

    /**
     * When a call or a part of one was over, in milliseconds since 1970 UTC, by what its row says of it. Prices of some hours hold by that
     * time, so whoever asks for it must ask here.
     */
    public static long endMillis(long startedAtMillis, double durationMillis) {
        return startedAtMillis + (long) durationMillis;
    }

    /** Clients and providers choose these texts; a row must stay small whatever they send. */
    static String clipped(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }

    /** The binary form. Its texts are encoded first: a buffer that grows, or has room for the longest, costs more than all that is put in. */
    public Buffer record() {
        int flags = (priced ? PRICED : 0)
                | (stream ? STREAM : 0)
                | (usage.reported() ? REPORTED : 0)
                | (charges.isEmpty() ? 0 : CHARGED)
                | (priceVersion == null ? 0 : VERSIONED)
                | (TIERS.indexOf(usage.tier() == null ? ServiceTier.STANDARD : usage.tier()) << TIER_SHIFT);
        byte[] @Nullable [] texts = texts();
        byte[] mark = priceVersion == null
                ? NO_MARK
                : utf8(PriceMark.of(priceVersion, usage).text());
        boolean[] told = Charges.told(this);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED + room(texts) + Charges.room(this, told) + mark.length + 1);
        bytes.put(VERSION)
                .put((byte) flags)
                .putInt(status)
                .putLong(costNanos)
                .putLong(startedAtMillis)
                .putDouble(durationMillis)
                .putDouble(firstTokenMillis)
                .putLong(usage.prompt())
                .putLong(usage.cacheRead())
                .putLong(usage.cacheWrite())
                .putLong(usage.cacheWriteHour())
                .putLong(usage.audioPrompt())
                .putLong(usage.completion())
                .putLong(usage.reasoning())
                .putLong(usage.audioCompletion())
                .putLong(usage.webSearches());
        for (byte[] text : texts) {
            put(bytes, text);
        }
        if (!charges.isEmpty()) {
            Charges.write(this, told, bytes);
        }
        if (priceVersion != null) {
            bytes.put(mark).put((byte) mark.length);
        }
        return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes.flip()));
    }

    private byte[] @Nullable [] texts() {
        return new byte[] @Nullable [] {
            utf8(callId),
            utf8(callType),
            encoded(keyHash),
            encoded(user),
            encoded(team),
            encoded(endUser),
            utf8(requestedModel),
            utf8(model),
            utf8(modelId),
            utf8(modelGroup),
            utf8(provider),
            utf8(apiBase),
            utf8(tags),
            utf8(route),
            encoded(failure)
        };
    }

    private static int room(byte[] @Nullable [] texts) {
        int room = Integer.BYTES * texts.length;
        for (byte[] text : texts) {
            room += text == null ? 0 : text.length;
        }
        return room;
    }

    /** No less than what a text takes. */
    static int room(String text) {
        return Integer.BYTES + MOST_BYTES_A_CHAR * text.length();
    }

    static void text(ByteBuffer out, String text) {
        put(out, utf8(text));
    }

    private static void put(ByteBuffer out, byte @Nullable [] text) {
        if (text == null) {
            out.putInt(-1);
        } else {
            out.putInt(text.length).put(text);
        }
    }

    private static byte @Nullable [] encoded(@Nullable String text) {
        return text == null ? null : utf8(text);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads the binary form.
     *
     * @throws IllegalArgumentException when it was written by a version that this one does not know
     */
    public static SpendRow read(Buffer in) {
        if (in.getByte(0) != VERSION) {
            throw new IllegalArgumentException("A spend record of unknown version " + in.getByte(0));
        }
        int flags = in.getByte(1);
        long[] tokens = new long[9];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = in.getLong(38 + 8 * i);
        }
        Texts texts = new Texts(in, FIXED);
        int end = (flags & VERSIONED) == 0 ? in.length() : in.length() - 1 - in.getUnsignedByte(in.length() - 1);
        PriceMark mark = (flags & VERSIONED) == 0 ? null : PriceMark.read(mark(in, end));
        SpendRow row = new SpendRow(
                texts.required(),
                texts.required(),
                texts.next(),
                texts.next(),
                texts.next(),
                texts.next(),
                texts.required(),
                texts.required(),
                texts.required(),
                texts.required(),
                texts.required(),
                texts.required(),
                texts.required(),
                texts.required(),
                texts.next(),
                new Usage(
                                tokens[0],
                                tokens[1],
                                tokens[2],
                                tokens[3],
                                tokens[4],
                                tokens[5],
                                tokens[6],
                                tokens[7],
                                tokens[8],
                                (flags & REPORTED) != 0)
                        .in(tier(flags))
                        .withPictures(mark == null ? 0 : mark.imagePrompt(), mark == null ? 0 : mark.imageCompletion()),
                in.getLong(6),
                (flags & PRICED) != 0,
                (flags & STREAM) != 0,
                in.getInt(2),
                in.getLong(14),
                in.getDouble(22),
                in.getDouble(30),
                List.of(),
                mark == null ? null : mark.version());
        return (flags & CHARGED) == 0 ? row : row.charged(Charges.read(row, in, texts.at, end));
    }

    private static String mark(Buffer in, int from) {
        return in.getString(from, in.length() - 1, StandardCharsets.UTF_8.name());
    }

    /** The call that this is an earlier part of, by its id; null when this is the call itself. */
    public @Nullable String partOf() {
        return PartId.callOf(callId);
    }

    private static @Nullable ServiceTier tier(int flags) {
        int number = flags >> TIER_SHIFT & TIER;
        return number == 0 || number >= TIERS.size() ? null : TIERS.get(number);
    }

    /** The same call with other charges. */
    SpendRow charged(List<Charge> to) {
        return new SpendRow(
                callId,
                callType,
                keyHash,
                user,
                team,
                endUser,
                requestedModel,
                model,
                modelId,
                modelGroup,
                provider,
                apiBase,
                tags,
                route,
                failure,
                usage,
                costNanos,
                priced,
                stream,
                status,
                startedAtMillis,
                durationMillis,
                firstTokenMillis,
                to,
                priceVersion);
    }

    private static final class Texts {
        private final Buffer in;
        private int at;

        Texts(Buffer in, int at) {
            this.in = in;
            this.at = at;
        }

        @Nullable String next() {
            int length = in.getInt(at);
            at += 4;
            if (length < 0) {
                return null;
            }
            String text = in.getString(at, at + length, StandardCharsets.UTF_8.name());
            at += length;
            return text;
        }

        String required() {
            String text = next();
            return text == null ? "" : text;
        }
    }
}
