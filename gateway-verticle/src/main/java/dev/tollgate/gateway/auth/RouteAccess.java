package dev.tollgate.gateway.auth;

import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * {@code allowed_routes} of a key: paths, paths ending in {@code *}, or LiteLLM's names for groups of them. A key without any may call
 * what its role may.
 */
public final class RouteAccess {
    private RouteAccess() {}

    /**
     * Why the caller may not call a path; null: it may.
     *
     * @param path without {@code SERVER_ROOT_PATH}
     * @param model whether it is a call to a model
     */
    public static @Nullable Failure forbidden(Caller caller, @Nullable String path, boolean model) {
        if (caller.routes().isEmpty() || path == null) {
            return null;
        }
        for (String route : caller.routes()) {
            if (covers(route, path, model)) {
                return null;
            }
        }
        return Failure.of(
                        FailureKind.PERMISSION,
                        "Virtual key is not allowed to call this route. Only allowed to call routes: " + caller.routes()
                                + ". Tried to call route: " + path)
                .withType("auth_error");
    }

    private static boolean covers(String route, String path, boolean model) {
        return switch (route) {
            case "llm_api_routes", "openai_routes" -> model || listsModels(path);
            case "anthropic_routes" -> path.startsWith("/v1/messages");
            case "info_routes" -> path.endsWith("/info") || path.endsWith("/list") || listsModels(path);
            case "management_routes" -> !model;
            case "spend_tracking_routes" -> showsSpend(path);
            default ->
                route.endsWith("*")
                        ? path.startsWith(route.substring(0, route.length() - 1))
                        : path.equals(route) || path.equals("/v1" + route);
        };
    }

    private static boolean showsSpend(String path) {
        return path.startsWith("/spend/") && !path.startsWith("/spend/set")
                || path.startsWith("/global/spend")
                || path.endsWith("/spend/report");
    }

    private static boolean listsModels(String path) {
        return path.equals("/models")
                || path.equals("/v1/models")
                || path.startsWith("/models/")
                || path.startsWith("/v1/models/");
    }
}
