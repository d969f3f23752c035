/** The append-only file that a call is written to before its last byte leaves. */
@NullMarked
package dev.tollgate.accounting.journal;

import org.jspecify.annotations.NullMarked;
