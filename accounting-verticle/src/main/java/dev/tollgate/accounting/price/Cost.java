package dev.tollgate.accounting.price;

/**
 * What one part of a call cost.
 *
 * @param nanos in nano-dollars
 * @param priced whether that is known; false: a price or the usage is missing, and what stands here is nothing or an estimate
 * @param priceVersion the {@link Tariff#version} that it was priced by; empty: by none
 */
public record Cost(long nanos, boolean priced, String priceVersion) {
    /** It cost nothing. */
    public static final Cost NOTHING = new Cost(0, true, "");

    /** Nobody knows what it cost. */
    public static final Cost UNKNOWN = unpriced(0);

    /** Nobody knows; it counts as so much. */
    public static Cost unpriced(long nanos) {
        return new Cost(nanos, false, "");
    }
}
