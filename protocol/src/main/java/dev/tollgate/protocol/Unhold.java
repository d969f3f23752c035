package dev.tollgate.protocol;

/**
 * An attempt ended and cost nothing, or is not wanted any more: what was set aside for it, or waits to be, goes back.
 *
 * @param callId the call
 * @param deploymentId where it went
 */
public record Unhold(String callId, String deploymentId) {}
