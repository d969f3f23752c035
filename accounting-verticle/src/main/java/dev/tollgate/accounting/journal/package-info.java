/** The append-only file that a call is written to before its last byte leaves, and the slate that it stands on until then. */
@NullMarked
package dev.tollgate.accounting.journal;

import org.jspecify.annotations.NullMarked;
