@org.jspecify.annotations.NullMarked
package dev.tollgate.cluster.lease;
