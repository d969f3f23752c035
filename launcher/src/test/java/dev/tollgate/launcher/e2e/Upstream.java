package dev.tollgate.launcher.e2e;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A provider inside the test: answers by script and remembers what it was asked. */
final class Upstream implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** One request as it arrived. */
    record Asked(String path, MultiMap headers, String text) {
        JsonObject body() {
            return new JsonObject(text);
        }
    }

    /** What to answer. */
    interface Script {
        void answer(Asked asked, HttpServerResponse response, Vertx vertx);
    }

    private Upstream(int port, Script script) {
        server = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    Asked one = new Asked(request.uri(), request.headers(), body.toString());
                    asked.add(one);
                    script.answer(one, request.response(), vertx);
                }))
                .listen(port, "127.0.0.1")
                .await();
    }

    static Upstream answering(Script script) {
        return new Upstream(0, script);
    }

    /** One that never listens: whoever calls it is refused. */
    static String nobody() {
        try (Upstream brief = answering((_, response, _) -> response.end())) {
            return brief.url();
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    List<Asked> asked() {
        return asked;
    }

    Asked last() {
        return asked.getLast();
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
