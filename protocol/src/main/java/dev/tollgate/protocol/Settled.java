package dev.tollgate.protocol;

/**
 * The price of a settled call.
 *
 * @param costNanos cost in nano-dollars (1e-9 USD)
 * @param priced whether a price was known; false: {@code costNanos} is 0 because nothing is known, not because it is free
 */
public record Settled(long costNanos, boolean priced) {}
