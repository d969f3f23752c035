/** What is measured inside the router. */
@NullMarked
package dev.tollgate.router;

import org.jspecify.annotations.NullMarked;
