package dev.tollgate.config;

import java.util.List;

/** What reading a configuration came to. */
public sealed interface LoadResult {

    /** What was read, to be watched: also of a configuration that was refused, since any of these files may mend it. */
    Sources sources();

    /**
     * It is good.
     *
     * @param snapshot the configuration
     * @param sources what it was read from
     * @param basis the same, to add models of the admin API to
     */
    record Loaded(Snapshot snapshot, Sources sources, Basis basis) implements LoadResult {}

    /**
     * It is not; nothing of it is used.
     *
     * @param problems what is wrong, at least one
     * @param warnings what is odd besides, as far as it was read
     * @param sources what it was read from
     */
    record Rejected(List<Problem> problems, List<Problem> warnings, Sources sources) implements LoadResult {}
}
