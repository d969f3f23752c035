package dev.tollgate.gateway.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** Lets web pages of any origin call the gateway, as LiteLLM does by default: keys, not origins, guard it. */
public final class Cors {
    private Cors() {}

    /** Answers a preflight request; false when the request is none. */
    public static boolean preflight(HttpServerRequest request) {
        if (!HttpMethod.OPTIONS.equals(request.method())
                || request.getHeader("access-control-request-method") == null) {
            return false;
        }
        String wanted = request.getHeader("access-control-request-headers");
        request.response()
                .putHeader(Headers.ALLOW_ORIGIN, Headers.ANY_ORIGIN)
                .putHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
                .putHeader("access-control-allow-headers", wanted == null ? "*" : wanted)
                .putHeader("access-control-max-age", "600")
                .setStatusCode(204)
                .end();
        return true;
    }
}
