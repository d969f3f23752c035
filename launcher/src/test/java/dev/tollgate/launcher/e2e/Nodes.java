package dev.tollgate.launcher.e2e;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** Nodes of a cluster that are processes of their own, on 127.0.0.1, each with a folder of its own. */
final class Nodes {
    private Nodes() {}

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** One whose members' port is {@code port}; it joins the node at {@code join}, or is the first: 0. */
    static Tollgate.Setup node(Path folder, int port, int join) throws IOException {
        Tollgate.Setup setup = new Tollgate.Setup(Files.createDirectories(folder))
                .jvm("-Xmx192m")
                .env("TOLLGATE_CLUSTER_HOST", "127.0.0.1")
                .env("TOLLGATE_CLUSTER_PORT", Integer.toString(port))
                .env("TOLLGATE_CLUSTER_BUS_PORT", Integer.toString(freePort()));
        return join == 0 ? setup.flags("--cluster") : setup.flags("--join", "127.0.0.1:" + join);
    }

    static HttpResponse<String> readiness(Tollgate node) {
        try {
            return new Http(node.url()).get("/health/readiness");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** How many nodes it sees, itself included; 0: it is not ready. */
    static int seenBy(Tollgate node) {
        HttpResponse<String> ready = readiness(node);
        return ready.statusCode() == 200
                ? new JsonObject(ready.body()).getJsonObject("cluster").getInteger("nodes")
                : 0;
    }
}
