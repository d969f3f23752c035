package dev.tollgate.accounting.book;

/**
 * What one holder spent in one period, as stored.
 *
 * @param charge who and when
 * @param nanos how much, in nano-dollars
 */
public record Balance(Charge charge, long nanos) {}
