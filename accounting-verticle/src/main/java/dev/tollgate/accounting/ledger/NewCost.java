package dev.tollgate.accounting.ledger;

/**
 * What a stored call costs from now on.
 *
 * @param nanos in nano-dollars
 * @param priceVersion mark of the prices that it is by
 */
public record NewCost(long nanos, String priceVersion) {}
