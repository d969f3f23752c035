/** Attempts on providers that another node makes: how they, their answers and their streams cross from node to node. */
@NullMarked
package dev.tollgate.cluster.relay;

import org.jspecify.annotations.NullMarked;
