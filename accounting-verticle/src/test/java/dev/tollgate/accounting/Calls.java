package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Spend rows for tests. */
public final class Calls {
    private Calls() {}

    /** A usual row of this call id. */
    public static SpendRow row(String id) {
        return row(id, "hash", "anna", "gpt-4o", 1_767_225_600_000L, 1_500);
    }

    /** A row that questions can tell from others; {@code startedAtMillis} counts from 1970, {@code nanos} is its cost. */
    public static SpendRow row(String id, String key, String user, String model, long startedAtMillis, long nanos) {
        return row(id, key, user, "team", "end", model, startedAtMillis, nanos);
    }

    /** A row of that key, user, team and end user. */
    public static SpendRow row(
            String id,
            String key,
            String user,
            String team,
            String endUser,
            String model,
            long startedAtMillis,
            long nanos) {
        return new SpendRow(
                id,
                "acompletion",
                key,
                user,
                team,
                endUser,
                "alias",
                model,
                "deployment",
                "group",
                "openai",
                "https://api.openai.com/v1",
                "a,b",
                "group/deployment=ok",
                null,
                Usage.of(10, 5),
                nanos,
                true,
                false,
                200,
                startedAtMillis,
                12.5,
                -1,
                List.of(),
                null);
    }

    /** The same call, billed in this tier. */
    public static SpendRow in(SpendRow row, ServiceTier tier) {
        return copy(
                row,
                row.callId(),
                row.keyHash(),
                row.user(),
                row.team(),
                row.usage().in(tier));
    }

    /** The same call with tokens of pictures. */
    public static SpendRow pictures(SpendRow row, long seen, long drawn) {
        return copy(
                row,
                row.callId(),
                row.keyHash(),
                row.user(),
                row.team(),
                row.usage().withPictures(seen, drawn));
    }

    /** Another call just like it, of these. */
    public static SpendRow of(SpendRow row, String id, String key, @Nullable String user, @Nullable String team) {
        return copy(row, id, key, user, team, row.usage());
    }

    private static SpendRow copy(
            SpendRow row, String id, @Nullable String key, @Nullable String user, @Nullable String team, Usage usage) {
        return copy(row, id, key, user, team, usage, row.priceVersion());
    }

    private static SpendRow copy(
            SpendRow row,
            String id,
            @Nullable String key,
            @Nullable String user,
            @Nullable String team,
            Usage usage,
            @Nullable String version) {
        return new SpendRow(
                id,
                row.callType(),
                key,
                user,
                team,
                row.endUser(),
                row.requestedModel(),
                row.model(),
                row.modelId(),
                row.modelGroup(),
                row.provider(),
                row.apiBase(),
                row.tags(),
                row.route(),
                row.failure(),
                usage,
                row.costNanos(),
                row.priced(),
                row.stream(),
                row.status(),
                row.startedAtMillis(),
                row.durationMillis(),
                row.firstTokenMillis(),
                row.charges(),
                version);
    }

    /** The same call, priced by those prices. */
    public static SpendRow priced(SpendRow row, @Nullable String version) {
        return copy(row, row.callId(), row.keyHash(), row.user(), row.team(), row.usage(), version);
    }

    /** The same call with other charges. */
    public static SpendRow charged(SpendRow row, Charge... charges) {
        return row.charged(List.of(charges));
    }

    /** Its binary form. */
    public static Buffer record(SpendRow row) {
        return row.record();
    }

    /** What a future comes to, within a minute. */
    static <T> T done(Future<T> future) {
        try {
            return future.await(60, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not done within a minute", e);
        }
    }

    /** Binary forms of rows with these call ids. */
    public static Stream<Buffer> records(String... ids) {
        return Stream.of(ids).map(id -> record(row(id)));
    }
}
