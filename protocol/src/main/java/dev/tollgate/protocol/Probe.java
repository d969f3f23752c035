package dev.tollgate.protocol;

/**
 * Asks a provider whether one deployment answers: gateway to provider, answered with {@link ProbeResult}.
 *
 * @param deploymentId which deployment
 */
public record Probe(String deploymentId) implements ProviderRequest {}
