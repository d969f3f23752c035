package dev.tollgate.config;

import java.nio.file.Path;
import java.util.List;

/** What reading a configuration came to. */
public sealed interface LoadResult {

    /**
     * It is good.
     *
     * @param snapshot the configuration
     * @param files every file that was read, to be watched
     */
    record Loaded(Snapshot snapshot, List<Path> files) implements LoadResult {}

    /**
     * It is not; nothing of it is used.
     *
     * @param problems what is wrong, at least one
     */
    record Rejected(List<Problem> problems) implements LoadResult {}
}
