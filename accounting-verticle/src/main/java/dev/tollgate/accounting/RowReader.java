package dev.tollgate.accounting;

import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a batch. Most are like another but for the call's id and the numbers, so texts and charges are read once for all that
 * have the same bytes there, and are the same objects then: whoever compares them is done at once. For one thread.
 */
public final class RowReader {
    private final Map<Alike, SpendRow> known = new HashMap<>();

    /** The bytes behind the call's id, one character each, and what tells how they are to be read. */
    private record Alike(byte flags, String bytes) {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException when it was written by a version that this one does not know
     * @throws IndexOutOfBoundsException when it is cut short
     */
    public SpendRow read(Buffer record) {
        Alike alike = new Alike(
                flags(record), record.getString(behindId(record), record.length(), StandardCharsets.ISO_8859_1.name()));
        SpendRow like = known.get(alike);
        if (like != null) {
            return read(record, like);
        }
        SpendRow row = once(record);
        known.put(alike, row);
        return row;
    }

    private static byte flags(Buffer record) {
        if (record.getByte(0) != RowForm.VERSION) {
            throw new IllegalArgumentException("A spend record of unknown version " + record.getByte(0));
        }
        return record.getByte(RowForm.FLAGS_AT);
    }

    private static int behindId(Buffer record) {
        return RowForm.FIXED + Integer.BYTES + Math.max(0, record.getInt(RowForm.FIXED));
    }

    /** One record by itself. */
    static SpendRow once(Buffer in) {
        byte flags = flags(in);
        Texts texts = new Texts(in, RowForm.FIXED);
        boolean marked = RowForm.versioned(flags);
        int end = marked ? in.length() - 1 - in.getUnsignedByte(in.length() - 1) : in.length();
        PriceMark mark = marked ? PriceMark.read(mark(in, end)) : null;
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
                usage(in, flags)
                        .withPictures(mark == null ? 0 : mark.imagePrompt(), mark == null ? 0 : mark.imageCompletion()),
                in.getLong(RowForm.COST_AT),
                RowForm.priced(flags),
                RowForm.stream(flags),
                in.getInt(RowForm.STATUS_AT),
                in.getLong(RowForm.START_AT),
                in.getDouble(RowForm.DURATION_AT),
                in.getDouble(RowForm.FIRST_TOKEN_AT),
                List.of(),
                mark == null ? null : mark.version());
        return RowForm.charged(flags) ? row.charged(Charges.read(row, in, texts.at, end)) : row;
    }

    /** A record with the flags of {@code like}'s, and the same bytes behind the call's id. */
    private static SpendRow read(Buffer in, SpendRow like) {
        Usage seen = like.usage();
        return new SpendRow(
                new Texts(in, RowForm.FIXED).required(),
                like.callType(),
                like.keyHash(),
                like.user(),
                like.team(),
                like.endUser(),
                like.requestedModel(),
                like.model(),
                like.modelId(),
                like.modelGroup(),
                like.provider(),
                like.apiBase(),
                like.tags(),
                like.route(),
                like.failure(),
                usage(in, flags(in)).withPictures(seen.imagePrompt(), seen.imageCompletion()),
                in.getLong(RowForm.COST_AT),
                like.priced(),
                like.stream(),
                in.getInt(RowForm.STATUS_AT),
                in.getLong(RowForm.START_AT),
                in.getDouble(RowForm.DURATION_AT),
                in.getDouble(RowForm.FIRST_TOKEN_AT),
                like.charges(),
                like.priceVersion());
    }

    private static Usage usage(Buffer in, byte flags) {
        long[] tokens = new long[RowForm.TOKENS];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = in.getLong(RowForm.TOKENS_AT + Long.BYTES * i);
        }
        return new Usage(
                        tokens[0],
                        tokens[1],
                        tokens[2],
                        tokens[3],
                        tokens[4],
                        tokens[5],
                        tokens[6],
                        tokens[7],
                        tokens[8],
                        RowForm.reported(flags))
                .in(RowForm.tier(flags));
    }

    private static String mark(Buffer in, int from) {
        return in.getString(from, in.length() - 1, StandardCharsets.UTF_8.name());
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
            at += Integer.BYTES;
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
