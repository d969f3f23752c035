package dev.tollgate.router;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import io.vertx.core.Deployable;

/** The router role. */
public final class RouterRoom implements Room {
    private final PromptTokens tokens = new PromptTokens();

    @Override
    public Role role() {
        return Role.ROUTER;
    }

    @Override
    public Deployable onLane(Lane lane) {
        return new RouterVerticle(lane, tokens);
    }
}
