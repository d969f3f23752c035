package dev.tollgate.accounting.price;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Deployments that answered in a dear service tier though nobody asked for one: their providers' projects are set so. One for a node,
 * since the next such call may come to another lane; until the configuration changes.
 */
public final class DearDeployments {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final AtomicInteger version = new AtomicInteger();

    /** Forgets all of them: the configuration has changed. */
    public void forget() {
        ids.clear();
        version.incrementAndGet();
    }

    /** This one is. */
    void add(String deploymentId) {
        // The version comes second: whoever sees the new one sees the new entry.
        if (ids.add(deploymentId)) {
            version.incrementAndGet();
        }
    }

    boolean contains(String deploymentId) {
        return ids.contains(deploymentId);
    }

    /** Another number whenever something has changed. */
    int version() {
        return version.get();
    }
}
