package dev.tollgate.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** A provider that answers at once: half a kilobyte of chat, or a stream of chunks at a fixed pace. */
final class MockUpstream implements AutoCloseable {
    static final int CHUNKS = 100;
    static final long PACE_MILLIS = 5;

    private static final Buffer ANSWER = Buffer.buffer(
            ("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"
                    + "\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                    + "word ".repeat(60)
                    + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":60,\"total_tokens\":260}}"));
    private static final Buffer CHUNK = Buffer.buffer(
            "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\","
                    + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}\n\n");
    private static final Buffer LAST = Buffer.buffer(
            "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\","
                    + "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                    + "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\","
                    + "\"choices\":[],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":100,\"total_tokens\":300}}\n\n"
                    + "data: [DONE]\n\n");

    private final Vertx vertx;
    private final HttpServer server;

    MockUpstream(Vertx vertx) {
        this.vertx = vertx;
        this.server = vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .await();
    }

    int port() {
        return server.actualPort();
    }

    private void answer(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            HttpServerResponse response = request.response();
            boolean stream = body.getString(0, Math.min(body.length(), 200)).contains("\"stream\":true");
            if (stream) {
                response.setChunked(true).putHeader("content-type", "text/event-stream");
                next(response, 0);
            } else {
                response.putHeader("content-type", "application/json").end(ANSWER);
            }
        });
    }

    private void next(HttpServerResponse response, int sent) {
        if (response.closed()) {
            return;
        }
        if (sent == CHUNKS) {
            response.end(LAST);
        } else {
            response.write(CHUNK);
            vertx.setTimer(PACE_MILLIS, _ -> next(response, sent + 1));
        }
    }

    @Override
    public void close() {
        server.close().await();
    }
}
