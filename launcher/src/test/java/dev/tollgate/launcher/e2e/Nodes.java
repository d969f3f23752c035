package dev.tollgate.launcher.e2e;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Nodes of a cluster that are processes of their own, on 127.0.0.1, each with a folder of its own. */
final class Nodes {
    /** Given to somebody who is not listening yet, or not just now. */
    private static final Set<Integer> LASTING = ConcurrentHashMap.newKeySet();

    private Nodes() {}

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * A port for a process that goes and comes back. Below those that connections are given by themselves: one of them might have it
     * when the process wants it again.
     */
    static int lastingPort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (LASTING.add(port)) {
                    return socket.getLocalPort();
                }
            } catch (BindException _) {
                // Another has it.
            }
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

    /** How many nodes it sees, itself included; 0: it is not ready, or does not answer. */
    static int seenBy(Tollgate node) {
        try {
            HttpResponse<String> ready = new Http(node.url()).get("/health/readiness");
            return ready.statusCode() == 200
                    ? new JsonObject(ready.body()).getJsonObject("cluster").getInteger("nodes")
                    : 0;
        } catch (IOException _) {
            return 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
