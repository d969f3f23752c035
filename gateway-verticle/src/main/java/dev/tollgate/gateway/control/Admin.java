package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The admin API on its way to accounting, which knows what its endpoints are: receives the body, asks, and writes the answer down.
 */
final class Admin {
    /** What all its paths begin with. */
    static final List<String> PLACES = List.of(
            "/key/",
            "/v2/key/",
            "/user/",
            "/v2/user/",
            "/team/",
            "/v2/team/",
            "/organization/",
            "/customer/",
            "/end_user/",
            "/budget/",
            "/tag/",
            "/model/",
            "/credentials",
            "/spend/set",
            "/global/spend/reset",
            "/global/spend/refresh");

    /** Nodes that may not know of the change yet. */
    private static final String UNREACHED = "x-tollgate-unreached-nodes";

    /** What was done otherwise than the caller may have meant. */
    private static final String WARNING = "x-tollgate-warning";

    private static final String CHANGED_BY = "litellm-changed-by";
    private static final int MOST_BYTES = 1 << 20;

    private final Lane lane;

    Admin(Lane lane) {
        this.lane = lane;
    }

    /** A path for the log: some hold a key. */
    static String withoutKeys(@Nullable String path) {
        return String.valueOf(path).replaceAll("sk-[^/]*", "sk-...");
    }

    void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= MOST_BYTES) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> received(context, body));
        request.exceptionHandler(_ -> context.response().reset());
        if (request.getHeader(HttpHeaders.EXPECT) != null) {
            context.response().writeContinue();
        }
    }

    private void received(RoutingContext context, Buffer body) {
        if (body.length() > MOST_BYTES) {
            ControlPlane.failed(
                    context,
                    Failure.of(
                            FailureKind.REQUEST_TOO_LARGE,
                            "A request of the admin API may have " + MOST_BYTES + " bytes"));
            return;
        }
        lane.bus()
                .<Manage, Managed>ask(Addresses.MANAGE, manage(context, body.length() == 0 ? null : body))
                .onComplete(
                        answer -> answered(context, answer),
                        cause -> ControlPlane.failed(
                                context,
                                Failure.of(
                                        FailureKind.OVERLOADED,
                                        "Nothing can be managed right now: " + cause.getMessage())));
    }

    private Manage manage(RoutingContext context, @Nullable Buffer body) {
        HttpServerRequest request = context.request();
        Map<String, List<String>> parameters = new HashMap<>();
        context.queryParams()
                .forEach(pair -> parameters
                        .computeIfAbsent(pair.getKey(), _ -> new ArrayList<>())
                        .add(pair.getValue()));
        Caller caller = ControlPlane.caller(context);
        return new Manage(
                request.method().name(), path(request), parameters, body, caller, request.getHeader(CHANGED_BY));
    }

    private String path(HttpServerRequest request) {
        String path = String.valueOf(lane.node().options().local(request.path()));
        String decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        return decoded.endsWith("/") ? decoded.substring(0, decoded.length() - 1) : decoded;
    }

    /** What the body does not say. */
    static void remark(Managed.Done done, MultiMap headers) {
        if (!done.unreached().isEmpty()) {
            headers.set(UNREACHED, String.join(", ", done.unreached()));
        }
        if (!done.warnings().isEmpty()) {
            headers.set(WARNING, String.join("; ", done.warnings()));
        }
    }

    private static void answered(RoutingContext context, Managed answer) {
        switch (answer) {
            case Managed.Refused refused -> ControlPlane.failed(context, refused.failure());
            case Managed.Done done -> {
                context.response().setStatusCode(done.status());
                remark(done, context.response().headers());
                ControlPlane.json(context, done.json());
            }
        }
    }
}
