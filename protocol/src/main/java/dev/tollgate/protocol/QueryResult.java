package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Answer to a {@link Query}.
 *
 * @param json the answer as JSON, when it succeeded
 * @param failure why it did not
 */
public record QueryResult(@Nullable Buffer json, @Nullable Failure failure) {

    /** A good answer. */
    public static QueryResult of(Buffer json) {
        return new QueryResult(json, null);
    }

    /** A refusal. */
    public static QueryResult refused(Failure failure) {
        return new QueryResult(null, failure);
    }
}
