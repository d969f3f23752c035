package dev.tollgate.protocol;

/** What a provider verticle can be asked at its {@link Addresses#provider address}: an {@link Attempt} or a {@link Probe}. */
public sealed interface ProviderRequest permits Attempt, Probe {}
