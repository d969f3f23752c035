package dev.tollgate.gateway.http;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Lets web pages of any origin call the gateway, as LiteLLM does by default: keys, not origins, guard it. A gateway without a key
 * has only the address it listens on for a guard, and a web page could call that from the visitor's browser; so there, pages of
 * other machines are refused.
 */
public final class Cors {
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");

    private static final Pattern NUMERIC = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:]+]");

    private Cors() {}

    /**
     * Whether a browser sent this for a page that is neither local nor of the gateway's own address. The address must be a number:
     * any name can be made to point here after its page was loaded (DNS rebinding).
     */
    public static boolean foreign(HttpServerRequest request) {
        String origin = request.getHeader("origin");
        if (origin == null) {
            return "cross-site".equals(request.getHeader("sec-fetch-site"));
        }
        String host = host(origin);
        HostAndPort own = request.authority();
        return !host.equals("localhost")
                && !host.endsWith(".localhost")
                && !LOOPBACK.matcher(host).matches()
                && !host.equals("[::1]")
                && (own == null || !NUMERIC.matcher(host).matches() || !host.equalsIgnoreCase(own.host()));
    }

    private static String host(String origin) {
        try {
            String host = new URI(origin).getHost();
            return host == null ? "" : host.toLowerCase(Locale.ROOT);
        } catch (URISyntaxException _) {
            return "";
        }
    }

    /** Refuses a foreign page's request. */
    public static void refuse(HttpServerRequest request) {
        request.response()
                .setStatusCode(403)
                .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
                .end(Errors.json(
                        null,
                        Failure.of(
                                FailureKind.PERMISSION,
                                "This gateway has no key, so pages of other sites may not call it. Set LITELLM_MASTER_KEY"),
                        null));
    }

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
