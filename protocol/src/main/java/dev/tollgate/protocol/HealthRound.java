package dev.tollgate.protocol;

import java.util.List;

/**
 * What one round of background health checks found: from the lane that made it to the gateway and the router of every lane.
 *
 * @param results one for each deployment asked
 * @param checkedAtMillis when it ended, in milliseconds since 1970 UTC
 */
public record HealthRound(List<ProbeResult> results, long checkedAtMillis) {
    public HealthRound {
        results = List.copyOf(results);
    }
}
