package dev.tollgate.protocol;

/**
 * The price of a settled call.
 *
 * @param costNanos cost in nano-dollars (1e-9 USD)
 * @param priced whether a price was known; false: {@code costNanos} is 0 because nothing is known, not because it is free
 * @param keySpentNanos what the caller's virtual key has spent in its period with this call, in nano-dollars, or -1: it came with none
 */
public record Settled(long costNanos, boolean priced, long keySpentNanos) {
    /** Without a virtual key. */
    public Settled(long costNanos, boolean priced) {
        this(costNanos, priced, -1);
    }
}
