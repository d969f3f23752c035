/** What is counted about calls. */
@NullMarked
package dev.tollgate.gateway.meter;

import org.jspecify.annotations.NullMarked;
