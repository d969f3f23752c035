/** Which API a request speaks, and what one scan of its body tells. */
@NullMarked
package dev.tollgate.gateway.surface;

import org.jspecify.annotations.NullMarked;
