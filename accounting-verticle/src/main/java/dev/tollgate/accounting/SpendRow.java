package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.protocol.PartId;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call, or one part of it, as it is written down. Of a call of several parts the last has the call's id; see {@link PartId}. Its binary
 * form is {@link RowForm}.
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
    private static final int LONGEST_TEXT = 4_000;

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

    /** The binary form. Of many rows that are alike, {@link RowWriter} writes most faster. */
    public Buffer record() {
        return RowWriter.once(this);
    }

    /**
     * Reads the binary form. Of many records that are alike, {@link RowReader} reads most faster.
     *
     * @throws IllegalArgumentException when it was written by a version that this one does not know
     */
    public static SpendRow read(Buffer record) {
        return RowReader.once(record);
    }

    /** The call that this is an earlier part of, by its id; null when this is the call itself. */
    public @Nullable String partOf() {
        return PartId.callOf(callId);
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
}
