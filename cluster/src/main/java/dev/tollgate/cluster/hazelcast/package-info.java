/** The cluster of Hazelcast members, and the encrypted event bus between them. Nothing outside knows of Hazelcast. */
@NullMarked
package dev.tollgate.cluster.hazelcast;

import org.jspecify.annotations.NullMarked;
