package dev.tollgate.provider;

import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The providers of one lane. A provider's verticle opens when a configuration first uses it; it stays for calls that began under
 * an earlier configuration, whose deployments remain known for one more epoch.
 */
final class LaneProviders implements Deployable {
    private final Lane lane;
    private final Underway underway = new Underway();
    private final Map<String, ProviderVerticle> verticles = new HashMap<>();
    private ModelTable current = ModelTable.empty();
    private ModelTable previous = ModelTable.empty();
    private @Nullable Upstream upstream;
    private long sweep;

    LaneProviders(Lane lane) {
        this.lane = lane;
    }

    @Override
    public Future<?> deploy(Context context) {
        Vertx vertx = lane.node().vertx();
        Upstream opened = new Upstream(vertx, lane.config().general().connectTimeout());
        upstream = opened;
        sweep = vertx.setPeriodic(Underway.SWEEP.toMillis(), _ -> underway.sweep(System.nanoTime()));
        lane.bus().<String>receive(Addresses.onLane(Addresses.CANCEL, lane.number()), underway::cancel);
        lane.onConfig(snapshot -> open(snapshot, opened));
        return Future.succeededFuture();
    }

    private void open(Snapshot snapshot, Upstream opened) {
        previous = current;
        current = snapshot.models();
        verticles.values().forEach(ProviderVerticle::configure);
        for (Deployment deployment : current.deployments()) {
            verticles.computeIfAbsent(deployment.provider().name(), name -> {
                ProviderVerticle verticle = new ProviderVerticle(
                        Providers.dialect(deployment.provider().dialect()),
                        lane.bus(),
                        opened,
                        underway,
                        this::deployment);
                lane.bus().answer(Addresses.provider(name), verticle::handle);
                return verticle;
            });
        }
    }

    private Optional<Deployment> deployment(String id) {
        Deployment found = current.byId(id);
        return Optional.ofNullable(found != null ? found : previous.byId(id));
    }

    @Override
    public Future<?> undeploy(Context context) {
        lane.node().vertx().cancelTimer(sweep);
        return upstream == null ? Future.succeededFuture() : upstream.close();
    }
}
