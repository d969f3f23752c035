package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Deployments for tests. */
public final class Fixtures {
    private static final Provider PROVIDER =
            new Provider("test", "openai", null, List.of(), List.of(), false, false, true, List.of());

    private Fixtures() {}

    public static Deployment deployment(String id) {
        return in("group", id, Deployment.Routing.NONE);
    }

    public static Deployment weighted(String id, @Nullable Double weight, @Nullable Long rpm) {
        return in("group", id, new Deployment.Routing(weight, rpm, null, null, null, null, null, null, List.of()));
    }

    public static Deployment in(String group, String id, Deployment.Routing routing) {
        return new Deployment(
                id,
                group,
                PROVIDER,
                "model-" + id,
                "http://" + id,
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                routing,
                Map.of(),
                Deployment.Info.NONE,
                null,
                null);
    }
}
