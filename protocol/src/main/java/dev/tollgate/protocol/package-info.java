/** What verticles say to each other: addresses, message records, stream frames and the one error model. */
@NullMarked
package dev.tollgate.protocol;

import org.jspecify.annotations.NullMarked;
