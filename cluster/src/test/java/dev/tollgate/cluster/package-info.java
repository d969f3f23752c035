@NullMarked
package dev.tollgate.cluster;

import org.jspecify.annotations.NullMarked;
