/** Choosing a deployment, trying again, falling back, and leaving failing ones alone. */
@NullMarked
package dev.tollgate.router;

import org.jspecify.annotations.NullMarked;
