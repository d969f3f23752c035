package dev.tollgate.accounting.book;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The versions at which entries were deleted, for a deleted entry leaves none: an older letter must not bring it back. As many are
 * remembered as fit; of what is forgotten, nothing so old is taken any more.
 */
final class Deletions {
    /** Some megabytes; as many are hardly deleted while one node's store is away. */
    static final int MOST = 20_000;

    private final Map<Holder, Long> versions = new LinkedHashMap<>();
    private final int most;
    private long forgotten;

    Deletions(int most) {
        this.most = most;
    }

    /** When it was deleted, or 0. */
    long of(Holder holder) {
        return versions.isEmpty() ? 0 : versions.getOrDefault(holder, 0L);
    }

    void add(Holder holder, long version) {
        versions.remove(holder);
        versions.put(holder, version);
        if (versions.size() > most) {
            var eldest = versions.entrySet().iterator();
            forgotten = Math.max(forgotten, eldest.next().getValue());
            eldest.remove();
        }
    }

    /** It was made anew. */
    void remove(Holder holder) {
        if (!versions.isEmpty()) {
            versions.remove(holder);
        }
    }

    /** Those up to this version need not be remembered: nobody takes older letters. */
    void forget(long upTo) {
        versions.values().removeIf(version -> version <= upTo);
    }

    /** Up to this version a deletion may have been forgotten. */
    long forgotten() {
        return forgotten;
    }
}
