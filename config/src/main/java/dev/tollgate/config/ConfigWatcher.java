package dev.tollgate.config;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Notices when a configuration file, or any file it includes, has other content than when it was read, and reads it anew. It compares
 * content, not times, so that Kubernetes' symlink swaps and editors that rename are seen; and it waits until a change has been the
 * same for two looks, so that a file is not read while it is being written. After a refusal it goes on watching the files that were
 * refused.
 *
 * <p>Not Vert.x Config: its stores hand over parsed JSON of each file, which has lost the lines and columns that messages need, and
 * would read and parse every file at every look only to compare it.
 */
public final class ConfigWatcher {
    private final Vertx vertx;
    /** Looks and readings take turns here, so that an older reading can never overtake a newer one. */
    private final Context context;

    private final ConfigLoader loader;
    private final Path file;
    private final Consumer<LoadResult> listener;
    private Sources loaded;
    private Sources last;
    private volatile boolean closed;

    /** {@code sources} are what the configuration in force was read from; {@code listener} gets every new reading. */
    public ConfigWatcher(Vertx vertx, ConfigLoader loader, Path file, Sources sources, Consumer<LoadResult> listener) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.loader = loader;
        this.file = file;
        this.listener = listener;
        this.loaded = sources;
        this.last = sources;
    }

    /** Begins to look, every so often. */
    public void start(Duration every) {
        // Not a periodic timer: after a pause of the machine that would look several times at once, and take a file for
        // settled.
        vertx.setTimer(every.toMillis(), _ -> context.runOnContext(_ -> look(every)));
    }

    private void look(Duration every) {
        if (!closed) {
            Sources before = loaded;
            context.executeBlocking(before::now).compose(this::seen).onComplete(_ -> start(every));
        }
    }

    private Future<?> seen(Sources now) {
        boolean settled = now.equals(last);
        last = now;
        if (!settled || now.equals(loaded)) {
            return Future.succeededFuture();
        }
        return context.executeBlocking(() -> loader.load(file)).onSuccess(result -> {
            // Else it changed again just now, and is read once it has settled again.
            if (result.sources().agreesWith(now)) {
                accept(result);
            }
        });
    }

    /** Reads the files now, whether they changed or not. */
    public Future<Void> reloadNow() {
        return context.executeBlocking(() -> loader.load(file))
                .onSuccess(this::accept)
                .mapEmpty();
    }

    private void accept(LoadResult result) {
        loaded = result.sources();
        last = loaded;
        listener.accept(result);
    }

    /** Stops looking. */
    public void close() {
        closed = true;
    }
}
