package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of {@link Bulk}'s columns, in their order. */
final class ServerRows {
    private ServerRows() {}

    /** Order of digests, the same on every node. */
    static int compare(Buffer a, Buffer b) {
        return Arrays.compareUnsigned(a.getBytes(), b.getBytes());
    }

    /** A context. */
    static @Nullable Object[] values(Buffer digest, Context context) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(digest);
        values.addAll(context.texts());
        values.addAll(List.of(context.status(), context.priced(), context.stream(), context.reported()));
        return values.toArray();
    }

    /** A call. */
    static @Nullable Object[] values(UUID id, SpendRow row, long context) {
        Usage usage = row.usage();
        return new @Nullable Object[] {
            id,
            context,
            row.startedAtMillis(),
            row.durationMillis(),
            row.firstTokenMillis() < 0 ? null : (Double) row.firstTokenMillis(),
            row.costNanos(),
            usage.prompt(),
            usage.completion(),
            usage.cacheRead(),
            usage.cacheWrite(),
            usage.cacheWriteHour(),
            usage.audioPrompt(),
            usage.reasoning(),
            usage.audioCompletion(),
            usage.webSearches(),
            RequestId.given(row.callId()),
            tier(usage),
            row.partOf() == null ? null : RequestId.uuid(row.partOf()),
            row.priceVersion(),
            pictures(usage.imagePrompt()),
            pictures(usage.imageCompletion())
        };
    }

    /** As tokens of pictures are stored: most calls have none. */
    static @Nullable Long pictures(long tokens) {
        return tokens == 0 ? null : (Long) tokens;
    }

    /** As it is stored: nothing for the standard one. */
    static @Nullable String tier(Usage usage) {
        ServiceTier tier = usage.tier();
        return tier == null || tier == ServiceTier.STANDARD ? null : tier.word();
    }

    /** Daily sums, in an order that all nodes share. */
    static List<@Nullable Object[]> sums(Map<DailySpend.Group, DailySpend.Sums> daily) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        daily.forEach((group, sums) -> rows.add(new @Nullable Object[] {
            group.date(),
            Buffer.buffer(group.digest()),
            group.apiKey(),
            group.user(),
            group.team(),
            group.modelGroup(),
            group.model(),
            group.provider(),
            sums.requests(),
            sums.failed(),
            sums.promptTokens(),
            sums.completionTokens(),
            sums.nanos()
        }));
        rows.sort((a, b) -> compare((Buffer) a[1], (Buffer) b[1]));
        return rows;
    }

    /** Whom contexts count for, where that is written down, in an order that all nodes share. */
    static List<@Nullable Object[]> payers(Collection<Context> contexts, Map<Context, Long> ids) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (Context context : contexts) {
            Long id = ids.get(context);
            if (id != null && context.chargedTo() != null) {
                rows.add(new @Nullable Object[] {id, context.chargedTo()});
            }
        }
        rows.sort(Comparator.comparing(row -> (Long) row[0]));
        return rows;
    }

    /** What is added to balances, in an order that all nodes share. */
    static List<@Nullable Object[]> balances(BalanceSums balances) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        balances.sums()
                .forEach((charge, nanos) -> rows.add(new @Nullable Object[] {
                    charge.holder().kind().storedName(),
                    Buffer.buffer(Digest.of(List.of(charge.holder().id()), "")),
                    charge.periodMillis(),
                    charge.holder().id(),
                    nanos
                }));
        rows.sort(Comparator.<@Nullable Object[], String>comparing(row -> String.valueOf(row[0]))
                .thenComparing((a, b) -> compare((Buffer) a[1], (Buffer) b[1]))
                .thenComparing(row -> (Long) row[2]));
        return rows;
    }
}
