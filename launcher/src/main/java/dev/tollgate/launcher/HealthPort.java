package dev.tollgate.launcher;

import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** What is left of HTTP on a node that clients cannot reach: whether it is well, for whoever runs it. Nothing else is served there. */
final class HealthPort {
    private final Node node;

    HealthPort(Node node) {
        this.node = node;
    }

    /** Listens on all addresses: a kubelet asks from outside. */
    Future<Void> open(int port) {
        return node.vertx()
                .createHttpServer()
                .requestHandler(this::answer)
                .listen(port, "0.0.0.0")
                .mapEmpty();
    }

    private void answer(HttpServerRequest request) {
        switch (String.valueOf(request.path())) {
            case "/health/liveliness", "/health/liveness" -> reply(request, 200, "\"I'm alive!\"");
            case "/health/readiness" -> ready(request);
            default -> reply(request, 404, "{\"detail\":\"Not Found\"}");
        }
    }

    private void ready(HttpServerRequest request) {
        Peers peers = node.peers();
        boolean member = peers.state() == Peers.State.JOINED;
        JsonObject cluster = new JsonObject()
                .put("state", peers.state().name().toLowerCase(Locale.ROOT))
                .put("nodes", peers.all().size());
        JsonObject body = new JsonObject()
                .put("status", member ? "healthy" : "unhealthy")
                .put("tollgate_version", node.options().version())
                .put("cluster", cluster);
        reply(request, member ? 200 : 503, body.encode());
    }

    private static void reply(HttpServerRequest request, int status, String body) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body);
    }
}
