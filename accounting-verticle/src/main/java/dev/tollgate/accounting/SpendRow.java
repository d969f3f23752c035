package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call as it is written down. The binary form is a version byte, fixed numbers, then texts with their length in front, and the
 * charges behind them, where the release before did not look; it is what the journal holds.
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
        List<Charge> charges) {
    private static final byte VERSION = 1;

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

    public SpendRow {
        charges = List.copyOf(charges);
    }

    /** {@code charges} are the balances that the cost is added to. */
    static SpendRow of(Settlement settlement, long costNanos, boolean priced, List<Charge> charges) {
        String sent = settlement.upstreamModel() != null
                ? settlement.upstreamModel()
                : settlement.route().upstreamModel();
        return new SpendRow(
                settlement.callId(),
                settlement.surface().callType(),
                settlement.caller().keyHash(),
                settlement.caller().userId(),
                settlement.caller().teamId(),
                settlement.endUser() == null ? null : clipped(settlement.endUser()),
                clipped(settlement.requestedModel()),
                // A call that reached no deployment is known by the name it asked for.
                clipped(sent.isEmpty() ? settlement.requestedModel() : sent),
                settlement.route().deploymentId(),
                settlement.route().modelGroup(),
                settlement.route().provider(),
                settlement.route().apiBase(),
                clipped(String.join(",", settlement.tags())),
                clipped(settlement.route().story()),
                settlement.failure() == null ? null : settlement.failure().name(),
                settlement.total(),
                costNanos,
                priced,
                settlement.stream(),
                settlement.status(),
                settlement.startedAtMillis(),
                finite(settlement.durationMillis()),
                finite(settlement.firstTokenMillis()),
                charges);
    }

    /** Clients and providers choose these texts; a row must stay small whatever they send. */
    static String clipped(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }

    private static double finite(double millis) {
        return Double.isFinite(millis) ? millis : -1;
    }

    /** Writes the binary form. */
    public void write(Buffer out) {
        int flags = (priced ? PRICED : 0)
                | (stream ? STREAM : 0)
                | (usage.reported() ? REPORTED : 0)
                | (charges.isEmpty() ? 0 : CHARGED)
                | (TIERS.indexOf(usage.tier() == null ? ServiceTier.STANDARD : usage.tier()) << TIER_SHIFT);
        out.appendByte(VERSION)
                .appendByte((byte) flags)
                .appendInt(status)
                .appendLong(costNanos)
                .appendLong(startedAtMillis)
                .appendDouble(durationMillis)
                .appendDouble(firstTokenMillis)
                .appendLong(usage.prompt())
                .appendLong(usage.cacheRead())
                .appendLong(usage.cacheWrite())
                .appendLong(usage.cacheWriteHour())
                .appendLong(usage.audioPrompt())
                .appendLong(usage.completion())
                .appendLong(usage.reasoning())
                .appendLong(usage.audioCompletion())
                .appendLong(usage.webSearches());
        for (String text : texts()) {
            text(out, text);
        }
        if (!charges.isEmpty()) {
            Charges.write(this, out);
        }
    }

    private List<@Nullable String> texts() {
        return Arrays.asList(
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
                failure);
    }

    static void text(Buffer out, @Nullable String text) {
        if (text == null) {
            out.appendInt(-1);
        } else {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            out.appendInt(bytes.length).appendBytes(bytes);
        }
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
        Texts texts = new Texts(in, 38 + 8 * tokens.length);
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
                        (flags & REPORTED) != 0,
                        tier(flags)),
                in.getLong(6),
                (flags & PRICED) != 0,
                (flags & STREAM) != 0,
                in.getInt(2),
                in.getLong(14),
                in.getDouble(22),
                in.getDouble(30),
                List.of());
        return (flags & CHARGED) == 0 ? row : row.charged(Charges.read(row, in, texts.at));
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
                to);
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
