package dev.tollgate.accounting.book;

/**
 * Whom a call's cost counts for, and in which period. Of one holder's periods the one that began last is the present one.
 *
 * @param holder who
 * @param periodMillis when the period began, in milliseconds since 1970 UTC; 0: spend that never begins anew
 */
public record Charge(Holder holder, long periodMillis) {}
