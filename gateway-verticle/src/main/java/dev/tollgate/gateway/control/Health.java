package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** {@code /health} asks every deployment for one token and says which answered; {@code /health/readiness} says whether this node serves. */
final class Health {
    private static final JsonObject UNKNOWN = new JsonObject();

    private final Lane lane;
    private final BooleanSupplier leaving;
    private final HealthRounds rounds;

    Health(Lane lane, BooleanSupplier leaving) {
        this.lane = lane;
        this.leaving = leaving;
        this.rounds = new HealthRounds(lane);
    }

    /**
     * LiteLLM's {@code db} tells of the store of spend; ours is embedded unless another is configured, so it is "connected" as long as
     * it takes what it is given. When it does not, calls are still served and their spend waits in the journal: still 200.
     */
    void readiness(RoutingContext context) {
        lane.bus()
                .<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.STORE, Map.of()))
                .map(result -> result.json() == null ? UNKNOWN : result.json().toJsonObject())
                .otherwise(UNKNOWN)
                .onSuccess(store -> lane.bus()
                        .<String, Boolean>ask(Addresses.REACHABLE, "")
                        .otherwise(true)
                        .onSuccess(providers -> ready(context, store, providers)));
    }

    /**
     * A node that still looks for the others says so with 503: it does not know their limits and keys yet. One that was cut off, too, one
     * that has found them and has not fetched their keys yet, and one that could not serve a call, because nobody talks to providers, or is
     * about to stop.
     */
    private void ready(RoutingContext context, JsonObject store, boolean providers) {
        boolean works = store.getBoolean("works", false);
        JsonObject body = new JsonObject()
                .put("status", "healthy")
                .put("db", works ? "connected" : "Not connected")
                .put("tollgate_version", lane.node().options().version());
        int leftOut = lane.node().shelf().leftOut();
        if (leftOut > 0) {
            body.put("stored_models_left_out", leftOut);
        }
        Peers peers = lane.node().peers();
        if (peers.state() != Peers.State.ALONE) {
            boolean keys = store.getBoolean("caught_up", true);
            boolean serves = keys && providers && peers.state() == Peers.State.JOINED;
            JsonObject cluster = cluster(peers);
            if (!providers) {
                cluster.put("missing", "provider");
            } else if (!keys) {
                cluster.put("missing", "keys");
            }
            body.put("status", serves ? "healthy" : "unhealthy").put("cluster", cluster);
            context.response().setStatusCode(serves ? 200 : 503);
        }
        if (leaving.getAsBoolean()) {
            body.put("status", "leaving");
            context.response().setStatusCode(503);
        }
        ControlPlane.json(context, body);
    }

    private static JsonObject cluster(Peers peers) {
        return new JsonObject()
                .put("state", peers.state().name().toLowerCase(Locale.ROOT))
                .put("nodes", peers.all().size());
    }

    /** Asks now, or says what the last round in the background found. */
    void probe(RoutingContext context, boolean open) {
        String model = context.queryParams().get("model");
        HealthRound known = rounds.last();
        if (known != null) {
            tell(context, open, model, known.results());
            return;
        }
        List<Deployment> asked = rounds.askable().stream()
                .filter(deployment -> model == null || model.equals(deployment.group()))
                .toList();
        rounds.ask(asked).onSuccess(results -> tell(context, open, model, results));
    }

    private void tell(RoutingContext context, boolean open, @Nullable String model, List<ProbeResult> results) {
        JsonArray well = new JsonArray();
        JsonArray ill = new JsonArray();
        for (ProbeResult result : results) {
            Deployment deployment = lane.config().models().byId(result.deploymentId());
            if (deployment == null || (model != null && !model.equals(deployment.group()))) {
                continue;
            }
            JsonObject endpoint = new JsonObject()
                    .put("model", deployment.qualifiedModel())
                    .put("model_name", deployment.group())
                    .put("model_id", deployment.id())
                    .put("api_base", deployment.apiBase());
            if (result.failure() == null) {
                well.add(endpoint);
            } else {
                ill.add(endpoint.put("error", result.failure().message()));
            }
        }
        JsonObject body = new JsonObject();
        if (open) {
            body.put("status", "healthy");
        }
        ControlPlane.json(
                context,
                body.put("healthy_endpoints", well)
                        .put("unhealthy_endpoints", ill)
                        .put("healthy_count", well.size())
                        .put("unhealthy_count", ill.size()));
    }
}
