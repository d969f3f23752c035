package dev.tollgate.accounting.book;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the book in a store. Everything blocks, is used by one thread, and fails with a {@link RuntimeException} whose
 * message says what is wrong with the store.
 *
 * <p>Every change has a number of its own, the entry's version; numbers ascend in the order in which changes become visible. So
 * whoever knows all entries up to a number asks for what came later, and misses nothing.
 */
public interface Definitions extends AutoCloseable {

    /**
     * One entry as stored.
     *
     * @param kind what it is about
     * @param id its id among those
     * @param version number of the change that wrote it, from 1
     * @param document its fields as JSON text, or null: it was deleted
     */
    record Definition(
            Kind kind, String id, long version, @Nullable String document) {}

    /**
     * Gives the entries that were written or deleted after that version, oldest first; after 0: all there are. Kinds that this
     * release does not know are left out. Entries that were deleted long ago are not told of: {@link #FORGOTTEN_MILLIS}.
     *
     * @return the version up to which these are all
     */
    long changes(long after, Consumer<Definition> each);

    /** For how long the deletion of an entry is told to others, in milliseconds. */
    long FORGOTTEN_MILLIS = 7 * 86_400_000L;

    /**
     * Writes all or none.
     *
     * @param nowMillis the time, in milliseconds since 1970 UTC
     * @return the version of the last of them; those before have the numbers before
     */
    long write(List<Change> changes, long nowMillis) throws Book.Stale;

    /** Names the store among all there are, whatever the URL it is reached by: made once, and kept in it. */
    String identity();

    @Override
    void close();
}
