package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.gateway.auth.Authenticator;
import dev.tollgate.gateway.auth.RouteAccess;
import dev.tollgate.gateway.http.Errors;
import dev.tollgate.gateway.http.Headers;
import dev.tollgate.gateway.http.Patience;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.gateway.surface.ModelRoutes;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Query;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes of everything that is not a call to a model, under {@code SERVER_ROOT_PATH} and without it. */
public final class ControlPlane {
    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
    private static final long LARGEST_BODY = 10 << 20;

    private static final String CALLER = "tollgate.caller";

    private final Lane lane;
    private final Meters meters;
    private final Models models;
    private final ModelInfo information;
    private final Health health;
    private final Spend spend;
    private final Admin admin;
    private final Welcome welcome;
    private final Patience patience;
    private Authenticator authenticator;

    /**
     * One for each lane.
     *
     * @param leaving whether the node is about to stop, so that nobody should come any more
     */
    public ControlPlane(Lane lane, Meters meters, BooleanSupplier leaving) {
        this.lane = lane;
        this.meters = meters;
        this.models = new Models(lane);
        this.information = new ModelInfo(lane);
        this.health = new Health(lane, leaving);
        this.spend = new Spend(lane.bus());
        this.admin = new Admin(lane);
        this.welcome = new Welcome(lane);
        this.patience = new Patience(lane.node().vertx());
        this.authenticator =
                new Authenticator(lane.config().general(), lane.node().keyring());
        lane.onConfig(snapshot -> authenticator =
                new Authenticator(snapshot.general(), lane.node().keyring()));
    }

    /** Serves a request that no model route took. */
    public Handler<HttpServerRequest> handler() {
        Router routes = routes();
        String root = lane.node().options().rootPath();
        if (root.isEmpty()) {
            return routes;
        }
        Router outer = Router.router(lane.node().vertx());
        outer.route(root + "/*").subRouter(routes());
        outer.route("/*").subRouter(routes);
        return outer;
    }

    private Router routes() {
        Router router = Router.router(lane.node().vertx());
        open(router.get("/"), welcome::page);
        open(router.route("/health/liveliness"), this::alive);
        open(router.route("/health/liveness"), this::alive);
        open(router.get("/health/readiness"), health::readiness);
        keyed(router.get("/health"), (context, caller) -> probe(context, caller));
        listed(router.get("/v1/models"), models::list);
        listed(router.get("/models"), models::list);
        listed(router.getWithRegex("(?:/v1)?/models/(?<id>.+)"), models::one);
        listed(router.get("/v1/model/info"), information::all);
        listed(router.get("/model/info"), information::all);
        listed(router.get("/v2/model/info"), information::page);
        listed(router.get("/model_group/info"), information::groups);
        for (String report : Query.REPORTS) {
            keyed(router.get("/" + report), (context, caller) -> spend.ask(report, context, caller));
        }
        keyed(router.get("/" + Query.PROVIDER_BUDGETS), (context, caller) -> {
            if (caller.role().seesAll()) {
                spend.ask(Query.PROVIDER_BUDGETS, context, caller);
            } else {
                failed(context, admins("see what is left of providers' budgets"));
            }
        });
        BodyHandler body = BodyHandler.create(false).setBodyLimit(LARGEST_BODY);
        for (String question : List.of(Query.CALCULATE, Query.END_USERS)) {
            Route route = router.post("/" + question);
            keyed(route, body::handle);
            keyed(route, (context, caller) -> spend.ask(question, context, caller));
        }
        router.get("/metrics").handler(this::metrics);
        // After all others: a report below one of these places has a route of its own.
        Admin.PLACES.forEach(place -> keyed(router.route(place + "*"), admin::serve));
        // Never reached by POST, which goes to the model: they make other methods a 405.
        ModelRoutes.paths().forEach(path -> router.post(path).handler(RoutingContext::next));
        router.post(ModelRoutes.EXPLAIN).handler(RoutingContext::next);
        router.errorHandler(
                400,
                context -> failed(
                        context,
                        Failure.of(FailureKind.BAD_REQUEST, "The address is malformed: each % needs two hex digits")));
        router.errorHandler(404, context -> detail(context, 404));
        router.errorHandler(405, context -> detail(context, 405));
        router.errorHandler(500, context -> {
            LOG.error(
                    "{} {} failed",
                    context.request().method(),
                    Admin.withoutKeys(context.request().path()),
                    context.failure());
            failed(context, Failure.of(FailureKind.INTERNAL, "Internal error; the log has the details"));
        });
        return router;
    }

    private static void open(Route route, Consumer<RoutingContext> handler) {
        route.handler(handler::accept);
    }

    private void keyed(Route route, Consumer<RoutingContext> handler) {
        keyed(route, (context, _) -> handler.accept(context));
    }

    private void keyed(Route route, BiConsumer<RoutingContext, Caller> handler) {
        route.handler(context -> keyed(context, handler));
    }

    private void keyed(RoutingContext context, BiConsumer<RoutingContext, Caller> handler) {
        waiting(context, lane.node().patience(), () -> !Authenticator.loading(authenticated(context)), () -> {
            switch (authenticated(context)) {
                case Authentication.Known known -> enter(context, known.caller(), handler);
                case Authentication.Refused refused -> failed(context, refused.failure());
            }
        });
    }

    private Authentication authenticated(RoutingContext context) {
        return authenticator.authenticate(context.request().headers());
    }

    /** Goes on as soon as it is known, or when the request has waited for long enough; it is not read until then. */
    private void waiting(RoutingContext context, Duration longest, BooleanSupplier known, Runnable goOn) {
        if (known.getAsBoolean()) {
            goOn.run();
            return;
        }
        context.request().pause();
        patience.until(longest, () -> context.response().closed() || known.getAsBoolean())
                .map(_ -> {
                    if (!context.response().closed()) {
                        goOn.run();
                        // Not before somebody listens, or what was there already would be lost.
                        context.request().resume();
                    }
                    return null;
                })
                .onFailure(context::fail);
    }

    /** A list of models is given out when the store's are in it. */
    private void listed(Route route, Consumer<RoutingContext> handler) {
        keyed(
                route,
                context -> waiting(
                        context,
                        lane.node().starting(),
                        () -> !lane.config().partial(),
                        () -> handler.accept(context)));
    }

    private void enter(RoutingContext context, Caller caller, BiConsumer<RoutingContext, Caller> handler) {
        String path = lane.node().options().local(context.normalizedPath());
        Failure forbidden = RouteAccess.forbidden(caller, path, false);
        if (forbidden != null) {
            failed(context, forbidden);
        } else {
            context.put(CALLER, caller);
            handler.accept(context, caller);
        }
    }

    /** Who calls, on a route that needs a key. */
    static Caller caller(RoutingContext context) {
        return Objects.requireNonNull(context.get(CALLER), "a route that needs no key has no caller");
    }

    /** Probes cost money that nobody is charged, and show what is behind every model. */
    private void probe(RoutingContext context, Caller caller) {
        if (caller.role().seesAll()) {
            health.probe(context, authenticator.open());
        } else {
            failed(context, admins("have every deployment probed; /health/readiness is open to all"));
        }
    }

    private static Failure admins(String what) {
        return Failure.of(FailureKind.PERMISSION, "Only admins and admin viewers may " + what)
                .withType("auth_error");
    }

    private void alive(RoutingContext context) {
        json(context, Buffer.buffer("\"I'm alive!\""));
    }

    private void metrics(RoutingContext context) {
        if (lane.config().general().metricsNeedKey()) {
            keyed(context, this::metrics);
        } else {
            scraped(context);
        }
    }

    /** They tell what everybody spends. */
    private void metrics(RoutingContext context, Caller caller) {
        if (caller.role().seesAll()) {
            scraped(context);
        } else {
            failed(context, admins("read metrics, unless litellm_settings.require_auth_for_metrics_endpoint is false"));
        }
    }

    private void scraped(RoutingContext context) {
        context.response()
                .putHeader(Headers.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .end(meters.scrape());
    }

    static void detail(RoutingContext context, int status) {
        context.response()
                .setStatusCode(status)
                .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
                .end(Errors.detail(status));
    }

    static void failed(RoutingContext context, Failure failure) {
        if (!context.response().ended()) {
            common(context)
                    .response()
                    .setStatusCode(Errors.status(failure))
                    .putHeader(Headers.CONTENT_TYPE, Headers.JSON)
                    .end(Errors.json(null, failure, null));
        }
    }

    static void json(RoutingContext context, JsonObject body) {
        json(context, body.toBuffer());
    }

    static void json(RoutingContext context, JsonArray body) {
        json(context, body.toBuffer());
    }

    static void json(RoutingContext context, Buffer body) {
        common(context).response().putHeader(Headers.CONTENT_TYPE, Headers.JSON).end(body);
    }

    static RoutingContext common(RoutingContext context) {
        context.response()
                .putHeader(Headers.ALLOW_ORIGIN, Headers.ANY_ORIGIN)
                .putHeader(Headers.CONTENT_TYPE_OPTIONS, Headers.NOSNIFF)
                .putHeader(Headers.FRAME_OPTIONS, Headers.DENY)
                .putHeader(Headers.CONTENT_SECURITY_POLICY, Headers.NO_FRAMES);
        return context;
    }
}
