package dev.tollgate.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.ShutdownEvent;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a lane's HTTP server ends without any client noticing.
 *
 * <p>Proxies keep connections open and send the next call on one of them. A server that closes such a connection may do so just when a
 * call is on its way there, and a proxy must not send a POST twice: the client gets 502. Vert.x closes idle connections at once when a
 * server is shut down, and drops what arrives on the others. So here the port is closed first, for a connection that is refused can
 * safely be made elsewhere; connections stay, each answer says {@code Connection: close}, after which it is the proxy that closes
 * (RFC 9112, 9.6), and only when nothing has come for a while are the rest closed. A busy proxy uses each of its connections within
 * that while; with a quiet one nothing is on its way.
 *
 * <p>Used on one event loop.
 */
final class Farewell {
    private static final long LOOK_MILLIS = 20;

    /** So long nothing must have come. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Vertx vertx;
    private final Set<Held> open = new HashSet<>();
    private boolean begun;
    private boolean refusing;
    private long lastUse;

    Farewell(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Keeps a connection from being shut down until we say so. */
    private final class Held extends ChannelInboundHandlerAdapter {
        private @Nullable ChannelHandlerContext own;
        private @Nullable Object shutdown;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            own = context;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (event instanceof ShutdownEvent && open.contains(this)) {
                shutdown = event;
            } else {
                super.userEventTriggered(context, event);
            }
        }

        void release() {
            ChannelHandlerContext context = own;
            Object event = shutdown;
            if (context != null && event != null) {
                context.fireUserEventTriggered(event);
            }
        }
    }

    /** A client has connected. */
    void connected(HttpConnection connection) {
        if (connection instanceof ConnectionBase netty) {
            Held held = new Held();
            open.add(held);
            netty.channel().closeFuture().addListener(_ -> open.remove(held));
            netty.channel().pipeline().addFirst("farewell", held);
        }
    }

    /** A request has come, whatever for. */
    void asked(HttpServerRequest request) {
        if (refusing) {
            lastUse = System.nanoTime();
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** Whether this server is about to end. */
    boolean begun() {
        return begun;
    }

    /**
     * Completes when the last connection is closed, or has been cut.
     *
     * @param notice how long new connections are still taken, for those who only then learn that there will be none
     * @param busy whether a call is under way
     * @param grace how long calls may take after that
     */
    Future<Void> of(HttpServer server, Duration notice, Duration grace, BooleanSupplier busy) {
        begun = true;
        if (notice.isZero()) {
            return closed(server, grace, busy);
        }
        Promise<Void> over = Promise.promise();
        vertx.setTimer(notice.toMillis(), _ -> over.complete());
        return over.future().compose(_ -> closed(server, grace, busy));
    }

    /** Before, kept connections are of use: who has none would make one, and one that is made while the port closes is broken. */
    private Future<Void> closed(HttpServer server, Duration grace, BooleanSupplier busy) {
        refusing = true;
        lastUse = System.nanoTime();
        long looking = vertx.setPeriodic(LOOK_MILLIS, _ -> {
            if (!busy.getAsBoolean() && System.nanoTime() - lastUse > QUIET_NANOS) {
                List<Held> idle = List.copyOf(open);
                open.clear();
                idle.forEach(Held::release);
            }
        });
        return server.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS).onComplete(_ -> vertx.cancelTimer(looking));
    }
}
