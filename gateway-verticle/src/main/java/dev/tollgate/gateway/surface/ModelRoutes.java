package dev.tollgate.gateway.surface;

import dev.tollgate.protocol.Surface;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The paths that reach a model, all of them {@code POST}. A plain hash look-up for exact paths; the two forms with the model in the
 * path (Azure's {@code /openai/deployments/{model}/…} and the old {@code /engines/{model}/…}) by prefix and suffix. The web
 * router costs 4 µs a request with 80 routes; this costs none worth naming.
 */
public final class ModelRoutes {

    /**
     * One way in.
     *
     * @param surface the API spoken there
     * @param model the model named in the path, or null
     */
    public record Route(Surface surface, @Nullable String model) {}

    /** Tells how a call would be routed; {@code POST} like the others, but no call. */
    public static final String EXPLAIN = "/route/explain";

    private static final List<String> MODEL_PREFIXES = List.of("/openai/deployments/", "/engines/");

    private static final Map<String, Route> EXACT = Map.ofEntries(
            at("/v1/chat/completions", Surface.CHAT),
            at("/chat/completions", Surface.CHAT),
            at("/v1/completions", Surface.COMPLETIONS),
            at("/completions", Surface.COMPLETIONS),
            at("/v1/embeddings", Surface.EMBEDDINGS),
            at("/embeddings", Surface.EMBEDDINGS),
            at("/v1/messages", Surface.MESSAGES),
            at("/v1/messages/count_tokens", Surface.COUNT_TOKENS));

    private final Map<String, Surface> suffixes = Map.of(
            "/chat/completions", Surface.CHAT, "/completions", Surface.COMPLETIONS, "/embeddings", Surface.EMBEDDINGS);

    private static Map.Entry<String, Route> at(String path, Surface surface) {
        return Map.entry(path, new Route(surface, null));
    }

    /** The route of a path without {@code SERVER_ROOT_PATH}, or null when it is no call to a model. */
    public @Nullable Route find(String path) {
        Route route = EXACT.get(path);
        return route != null ? route : named(path);
    }

    /** Every exact path, for the list of routes. */
    public static List<String> paths() {
        return EXACT.keySet().stream().sorted().toList();
    }

    private @Nullable Route named(String path) {
        for (String prefix : MODEL_PREFIXES) {
            if (path.startsWith(prefix)) {
                return afterPrefix(path, prefix.length());
            }
        }
        return null;
    }

    private @Nullable Route afterPrefix(String path, int start) {
        Route found = null;
        int longest = 0;
        for (Map.Entry<String, Surface> suffix : suffixes.entrySet()) {
            int end = path.length() - suffix.getKey().length();
            if (end > start && suffix.getKey().length() > longest && path.endsWith(suffix.getKey())) {
                longest = suffix.getKey().length();
                found = new Route(suffix.getValue(), decoded(path.substring(start, end)));
            }
        }
        return found;
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return segment;
        }
    }
}
