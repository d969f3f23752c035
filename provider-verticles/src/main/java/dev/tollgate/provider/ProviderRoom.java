package dev.tollgate.provider;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import io.vertx.core.Deployable;

/** The provider role: on each lane, one verticle for every provider that the configuration uses. */
public final class ProviderRoom implements Room {
    @Override
    public Role role() {
        return Role.PROVIDER;
    }

    @Override
    public Deployable onLane(Lane lane) {
        return new LaneProviders(lane);
    }
}
