package dev.tollgate.cluster;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * This process.
 *
 * @param vertx the Vert.x instance
 * @param lanes how many lanes there are
 * @param data folder for the journal and the embedded store; rooms create it when they first need it
 * @param options what the command line decided
 * @param metrics registry behind {@code /metrics}
 * @param keyring the keys that are known on this node
 * @param peers the other nodes
 * @param shelf models that the admin API made
 * @param startedNanos {@link System#nanoTime()} when the program began
 */
public record Node(
        Vertx vertx,
        int lanes,
        Path data,
        ServerOptions options,
        PrometheusMeterRegistry metrics,
        Keyring keyring,
        Peers peers,
        ModelShelf shelf,
        long startedNanos) {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** The first start on a new folder may take longer than a call may wait later, when a store is away. */
    private static final Duration STARTING = Duration.ofSeconds(10);

    /** One that knows no key and no model of the admin API yet, and stands alone. */
    public Node(
            Vertx vertx,
            int lanes,
            Path data,
            ServerOptions options,
            PrometheusMeterRegistry metrics,
            long startedNanos) {
        this(
                vertx,
                lanes,
                data,
                options,
                metrics,
                new Keyring(),
                new NoPeers(options.host() + ":" + options.port(), options.version()),
                new ModelShelf(),
                startedNanos);
    }

    /** How long a call that comes now may wait for keys or models that are still being loaded. */
    public Duration patience() {
        Duration left = starting();
        return left.compareTo(PATIENCE) > 0 ? left : PATIENCE;
    }

    /** How long whoever only looks may wait for it: until the node has been there for ten seconds. Zero from then on. */
    public Duration starting() {
        Duration left = STARTING.minusNanos(System.nanoTime() - startedNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Where to listen.
     *
     * @param host address
     * @param port port; 0 for any free one
     * @param rootPath {@code SERVER_ROOT_PATH}: prefix of every path, empty or starting with a slash and not ending with one
     * @param version Tollgate's version
     */
    public record ServerOptions(String host, int port, String rootPath, String version) {
        /** A request's path without the prefix. */
        public @Nullable String local(@Nullable String path) {
            return path != null && !rootPath.isEmpty() && path.startsWith(rootPath)
                    ? path.substring(rootPath.length())
                    : path;
        }
    }
}
