package dev.tollgate.provider;

import dev.tollgate.provider.wire.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One lane's connections to providers: keep-alive HTTP/1.1, pooled by origin, with a bounded queue. A bare {@link HttpClient}: the
 * Web Client costs 3 µs more a request and buys nothing here.
 */
final class Upstream {
    private static final int CONNECTIONS_PER_ORIGIN = 2_000;
    private static final int WAITING = 2_000;
    private static final int REMEMBERED_URLS = 1_000;

    private final HttpClient client;

    /** Parsing a URL costs as much as sending it; the same few come again and again. */
    private final Map<String, RequestOptions> targets = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RequestOptions> eldest) {
            return size() > REMEMBERED_URLS;
        }
    };

    /** {@code connect}: how long a connection may take to open. */
    Upstream(Vertx vertx, Duration connect) {
        client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(55)
                        .setTcpNoDelay(true)
                        .setConnectTimeout(Math.clamp(connect.toMillis(), 1, Integer.MAX_VALUE))
                        .setMaxHeaderSize(64 * 1024),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_ORIGIN).setMaxWaitQueueSize(WAITING));
    }

    Future<HttpClientRequest> post(Endpoint endpoint) {
        RequestOptions target;
        try {
            target = targets.computeIfAbsent(
                    endpoint.url(),
                    url -> new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(url));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
        return client.request(target);
    }

    Future<Void> close() {
        return client.close();
    }
}
