package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Answer to a {@link Probe}.
 *
 * @param deploymentId which deployment
 * @param failure why it is unhealthy, or null when it is well
 */
public record ProbeResult(String deploymentId, @Nullable Failure failure) {}
