package dev.tollgate.config;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Notices when a configuration file, or any file it includes, has other content than before, and reads it anew. It compares
 * content, not times, so that Kubernetes' symlink swaps and editors that rename are seen; and it waits until a change has been the
 * same for two looks, so that a file is not read while it is being written.
 *
 * <p>Not Vert.x Config: its stores hand over parsed JSON of each file, which has lost the lines and columns that messages need, and
 * would read and parse every file at every look only to compare it.
 */
public final class ConfigWatcher {
    private final Vertx vertx;
    private final ConfigLoader loader;
    private final Path file;
    private final Consumer<LoadResult> listener;
    private volatile List<Path> files;
    private volatile String loaded;
    private volatile String last;
    private long timer;

    /** {@code files} are those that the configuration in force was read from; {@code listener} gets every new reading. */
    public ConfigWatcher(Vertx vertx, ConfigLoader loader, Path file, List<Path> files, Consumer<LoadResult> listener) {
        this.vertx = vertx;
        this.loader = loader;
        this.file = file;
        this.files = List.copyOf(files);
        this.listener = listener;
        this.loaded = checksum(this.files);
        this.last = loaded;
    }

    /** Begins to look, every so often. */
    public void start(Duration every) {
        timer = vertx.setPeriodic(every.toMillis(), _ -> look());
    }

    private void look() {
        vertx.executeBlocking(() -> checksum(files)).onSuccess(this::seen);
    }

    private void seen(String now) {
        boolean settled = now.equals(last);
        last = now;
        if (settled && !now.equals(loaded)) {
            reloadNow();
        }
    }

    /** Reads the files now, whether they changed or not. */
    public Future<Void> reloadNow() {
        return vertx.executeBlocking(() -> {
                    loaded = checksum(files);
                    return loader.load(file);
                })
                .onSuccess(result -> {
                    if (result instanceof LoadResult.Loaded good) {
                        files = good.files();
                        loaded = checksum(files);
                        last = loaded;
                    }
                    if (result != null) {
                        listener.accept(result);
                    }
                })
                .mapEmpty();
    }

    /** Stops looking. */
    public void close() {
        vertx.cancelTimer(timer);
    }

    private static String checksum(List<Path> files) {
        CRC32C sum = new CRC32C();
        for (Path file : files) {
            sum.update(file.toString().getBytes(StandardCharsets.UTF_8));
            try {
                sum.update(Files.readAllBytes(file));
            } catch (IOException _) {
                sum.update(0);
            }
        }
        return Long.toHexString(sum.getValue());
    }
}
