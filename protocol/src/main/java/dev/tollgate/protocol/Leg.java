package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A part of a call that was not the last: a stream that broke and was carried on elsewhere, or the slower of two attempts. Its
 * deployment wants to be paid as well.
 *
 * @param deploymentId where it went
 * @param upstreamModel model name sent upstream
 * @param reportedModel model name that the provider says it used, or null
 * @param usage tokens, as far as known
 * @param answered whether anything of an answer came, so that unknown usage is not taken for none
 */
public record Leg(
        String deploymentId, String upstreamModel, @Nullable String reportedModel, Usage usage, boolean answered) {}
