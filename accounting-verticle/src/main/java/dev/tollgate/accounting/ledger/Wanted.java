package dev.tollgate.accounting.ledger;

import org.jspecify.annotations.Nullable;

/**
 * Which stored calls to look at.
 *
 * @param fromMillis when the first began at the earliest, in milliseconds since 1970
 * @param untilMillis before when the last began
 * @param model their model or model group, or null: any
 * @param after the last one seen so far, or null: from the first
 */
public record Wanted(
        long fromMillis,
        long untilMillis,
        @Nullable String model,
        @Nullable StoredCall after) {}
