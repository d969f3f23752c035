package dev.tollgate.gateway;

import dev.tollgate.cluster.Drainable;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.gateway.control.ControlPlane;
import dev.tollgate.gateway.http.Cors;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.gateway.pipeline.Pipeline;
import dev.tollgate.gateway.surface.ModelRoutes;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One lane's HTTP server: calls to a model go straight to the {@link Pipeline}, everything else to the {@link ControlPlane}. Vert.x
 * shares the port between the lanes and spreads connections over them.
 */
final class GatewayVerticle implements Deployable, Drainable {
    /** Vert.x's way to say one free port that all lanes share: 0 would give each lane its own. */
    private static final int ANY_FREE_PORT = -1;

    /** Where the port that was really bound is kept for the launcher, when port 0 was asked for. */
    private static final String SHARED = "tollgate";

    private static final int MAX_HEADERS = 64 * 1024;
    private static final long SWEEP_MILLIS = 5_000;
    private static final long LOOK_MILLIS = 20;

    /** How long connections are still taken where other nodes could take them: who looks at {@code /health/readiness} finds out meanwhile. */
    private static final Duration NOTICE = Duration.ofSeconds(1);

    private final Lane lane;
    private final ModelRoutes routes = new ModelRoutes();
    private final Farewell farewell;
    private @Nullable HttpServer server;
    private @Nullable Pipeline serving;

    GatewayVerticle(Lane lane) {
        this.lane = lane;
        this.farewell = new Farewell(lane.node().vertx());
    }

    @Override
    public Future<?> deploy(Context context) {
        Node.ServerOptions options = lane.node().options();
        Meters meters = new Meters(lane.node().metrics());
        Pipeline pipeline = new Pipeline(lane, meters);
        Handler<HttpServerRequest> control = new ControlPlane(lane, meters, farewell::begun).handler();
        HttpServer opened = lane.node()
                .vertx()
                .createHttpServer(new HttpServerOptions()
                        // A refused body ends its connection, which must then be one call's alone.
                        .setHttp2ClearTextEnabled(false)
                        // No web sockets here yet: their two handlers would look at every message.
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setMaxHeaderSize(MAX_HEADERS)
                        .setMaxInitialLineLength(16 * 1024)
                        .setTcpNoDelay(true));
        server = opened;
        serving = pipeline;
        lane.node().vertx().setPeriodic(SWEEP_MILLIS, _ -> pipeline.sweep());
        opened.connectionHandler(farewell::connected);
        opened.requestHandler(request -> dispatch(request, pipeline, control));
        return opened.listen(options.port() == 0 ? ANY_FREE_PORT : options.port(), options.host())
                .onSuccess(bound -> lane.node()
                        .vertx()
                        .sharedData()
                        .<String, Integer>getLocalMap(SHARED)
                        .put("port", bound.actualPort()));
    }

    private void dispatch(HttpServerRequest request, Pipeline pipeline, Handler<HttpServerRequest> control) {
        farewell.asked(request);
        if (lane.config().general().masterKey() == null && Cors.foreign(request)) {
            Cors.refuse(request);
            return;
        }
        String path = request.path();
        if (path != null && HttpMethod.POST.equals(request.method())) {
            String local = String.valueOf(lane.node().options().local(path));
            ModelRoutes.Route route = routes.find(local);
            if (route != null) {
                pipeline.serve(request, route);
                return;
            }
            if (local.equals(ModelRoutes.EXPLAIN)) {
                pipeline.explain(request);
                return;
            }
        }
        if (!Cors.preflight(request)) {
            control.handle(request);
        }
    }

    /** Soon takes no more connections and lets calls under way end; after the grace they are cut, and still settled. */
    @Override
    public Future<Void> drain(Duration grace) {
        HttpServer opened = server;
        Pipeline pipeline = serving;
        if (opened == null || pipeline == null) {
            return Future.succeededFuture();
        }
        Duration notice = lane.node().peers().all().size() > 1 ? NOTICE : Duration.ZERO;
        long deadline = System.nanoTime() + notice.plus(grace).plusSeconds(1).toNanos();
        return farewell.of(opened, notice, grace, () -> pipeline.unsettled() > 0)
                .transform(_ -> settled(pipeline, deadline));
    }

    private Future<Void> settled(Pipeline pipeline, long deadline) {
        Promise<Void> done = Promise.promise();
        lane.node().vertx().setPeriodic(0, LOOK_MILLIS, timer -> {
            if (pipeline.unsettled() == 0 || System.nanoTime() - deadline > 0) {
                lane.node().vertx().cancelTimer(timer);
                done.complete();
            }
        });
        return done.future();
    }

    @Override
    public Future<?> undeploy(Context context) {
        return server == null ? Future.succeededFuture() : server.close();
    }
}
