/** Nodes and lanes: how rooms are placed on event loops, find each other, and share what they know. */
@NullMarked
package dev.tollgate.cluster;

import org.jspecify.annotations.NullMarked;
