package dev.tollgate.gateway.pipeline;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A response header of a name that has been set before, on one event loop. Its name is encoded once, and its value, too, where answer
 * after answer has the same: checking and encoding the dozen headers of a key with limits took 5 µs of a call.
 */
final class KnownHeader {
    private static final String PROVIDER_PREFIX = "llm_provider-";
    private static final String RATE_LIMIT = "x-ratelimit-";

    private final CharSequence name;

    /** A provider's rate limits are told under their own name as well. */
    private final @Nullable CharSequence plain;

    private String last = "";
    private @Nullable CharSequence encoded;

    private KnownHeader(CharSequence name, @Nullable CharSequence plain) {
        this.name = name;
        this.plain = plain;
    }

    static KnownHeader of(String name) {
        boolean rate = name.regionMatches(true, 0, PROVIDER_PREFIX, 0, PROVIDER_PREFIX.length())
                && name.regionMatches(true, PROVIDER_PREFIX.length(), RATE_LIMIT, 0, RATE_LIMIT.length());
        return new KnownHeader(
                HttpHeaders.createOptimized(name),
                rate ? HttpHeaders.createOptimized(name.substring(PROVIDER_PREFIX.length())) : null);
    }

    /** Sets it; what a header may not hold is replaced. */
    void set(MultiMap headers, String value) {
        CharSequence same = repeated(value);
        put(headers, same == null ? ResponseHead.safe(value) : same);
    }

    /** Sets it to a number, or a word of our own: nothing that would have to be looked at. */
    void setPlain(MultiMap headers, String value) {
        CharSequence same = repeated(value);
        put(headers, same == null ? value : same);
    }

    private void put(MultiMap headers, CharSequence shown) {
        headers.set(name, shown);
        if (plain != null) {
            headers.set(plain, shown);
        }
    }

    /** The encoded value, if it is the one of the answer before. */
    private @Nullable CharSequence repeated(String value) {
        if (!value.equals(last)) {
            last = value;
            encoded = null;
            return null;
        }
        CharSequence same = encoded;
        if (same == null) {
            same = HttpHeaders.createOptimized(ResponseHead.safe(value));
            encoded = same;
        }
        return same;
    }
}
