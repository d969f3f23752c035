package dev.tollgate.gateway;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import io.vertx.core.Deployable;

/** The gateway role: HTTP ingress on every lane, all on the same port. */
public final class GatewayRoom implements Room {
    @Override
    public Role role() {
        return Role.GATEWAY;
    }

    @Override
    public Deployable onLane(Lane lane) {
        return new GatewayVerticle(lane);
    }
}
