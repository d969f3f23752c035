/** Totals that the nodes of a cluster divide among themselves, so that all of them together never use more. */
@org.jspecify.annotations.NullMarked
package dev.tollgate.cluster.lease;
