/** Routing strategies, one file each. */
@NullMarked
package dev.tollgate.router.strategy;

import org.jspecify.annotations.NullMarked;
