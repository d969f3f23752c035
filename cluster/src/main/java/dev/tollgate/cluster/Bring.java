package dev.tollgate.cluster;

import dev.tollgate.config.StoreUrl;

/**
 * An order to bring over what a LiteLLM database holds.
 *
 * @param from that database
 * @param apply whether anything is written; false: it is only shown
 * @param overwrite whether entries that are here already become what they are there
 */
public record Bring(StoreUrl from, boolean apply, boolean overwrite) {}
