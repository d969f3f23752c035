/** Joining the parts of a stream that broke and was carried on elsewhere, so that the client sees one answer. */
@NullMarked
package dev.tollgate.gateway.seam;

import org.jspecify.annotations.NullMarked;
